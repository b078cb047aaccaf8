package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func maxima(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		maxAbs(a, s)
	}
}

// maxAbs writes the search for the largest finite magnitude: magnitudes compare as integers, those of infinities and
// NaN count as nothing.
func maxAbs(a *assembly, s simd) {
	const unroll = 4
	a.function("maxAbs" + s.name)
	args := a.arguments()
	src, n := args.load("src"), args.load("n")
	most, value := s.registers[:unroll], s.registers[unroll:2*unroll]
	magnitude, infinity, other := s.registers[8], s.registers[9], s.registers[10]
	a.VPBROADCASTD(a.word(floatSign-1), magnitude)
	a.VPBROADCASTD(a.word(floatInfinity), infinity)
	for _, m := range most {
		s.clear(a, m)
	}
	compare := func(i int) {
		if s.wide {
			a.VPCMPUD(operand.Imm(1), infinity, value[i], reg.K2) // less than
			a.VPMAXUD(value[i], most[i], reg.K2, most[i])
			return
		}
		a.VPCMPGTD(value[i], infinity, other)
		a.VPAND(other, value[i], value[i])
		a.VPMAXUD(value[i], most[i], most[i])
	}
	and := func(from operand.Op, to reg.Register) {
		if s.wide {
			a.VPANDD(from, magnitude, to)
		} else {
			a.VPAND(from, magnitude, to)
		}
	}
	a.SUBQ(operand.Imm(uint64(s.lanes*unroll)), n)
	a.JLT(a.at("rest"))
	a.label("next")
	for i := range unroll {
		and(operand.Mem{Base: src, Disp: s.size() * i}, value[i])
		compare(i)
	}
	a.ADDQ(operand.U32(uint32(s.size()*unroll)), src)
	a.SUBQ(operand.Imm(uint64(s.lanes*unroll)), n)
	a.JGE(a.at("next"))
	a.label("rest")
	a.ADDQ(operand.Imm(uint64(s.lanes*(unroll-1))), n)
	a.JLT(a.at("tail"))
	a.label("vector")
	and(operand.Mem{Base: src}, value[0])
	compare(0)
	a.ADDQ(operand.Imm(uint64(s.size())), src)
	a.SUBQ(operand.Imm(uint64(s.lanes)), n)
	a.JGE(a.at("vector"))
	a.label("tail")
	a.ADDQ(operand.Imm(uint64(s.lanes)), n)
	a.JEQ(a.at("end"))
	if s.wide {
		a.maskOf(n, reg.K1)
		a.VMOVUPS_Z(operand.Mem{Base: src}, reg.K1, value[0])
	} else {
		a.VMOVDQU(operand.Mem{Base: a.maskPlace(n)}, other)
		a.VMASKMOVPS(operand.Mem{Base: src}, other, value[0])
	}
	and(value[0], value[0])
	compare(0)
	a.label("end")
	a.VPMAXUD(most[1], most[0], most[0])
	a.VPMAXUD(most[3], most[2], most[2])
	a.VPMAXUD(most[2], most[0], most[0])
	word := a.horizontal(s, most[0], a.VPMAXUD)
	a.MOVQ(word.As64(), args.field("result"))
	a.VZEROUPPER()
	a.RET()
}
