package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func maxima(a *assembly) { maxAbs(a) }

// maxAbs writes the search for the largest finite magnitude: magnitudes compare as integers, those of infinities and
// NaN count as nothing.
func maxAbs(a *assembly) {
	const unroll = 4
	a.function("maxAbsAVX512")
	args := a.arguments()
	src, n := args.load("src"), args.load("n")
	most, value := zmm[:unroll], zmm[unroll:2*unroll]
	magnitude, infinity := zmm[30], zmm[31]
	finite := []reg.OpmaskPhysical{reg.K2, reg.K3, reg.K4, reg.K5}
	word := a.GP32()
	broadcast := func(v uint32, to reg.Register) {
		a.MOVL(operand.U32(v), word)
		a.VPBROADCASTD(word, to)
	}
	broadcast(0x7fffffff, magnitude)
	broadcast(0x7f800000, infinity)
	for _, m := range most {
		a.VPXORD(m, m, m)
	}
	compare := func(i int) {
		a.VPCMPUD(operand.Imm(1), infinity, value[i], finite[i]) // less than
		a.VPMAXUD(value[i], most[i], finite[i], most[i])
	}
	a.SUBQ(operand.Imm(16*unroll), n)
	a.JLT(a.at("rest"))
	a.label("next")
	for i := range unroll {
		a.VPANDD(operand.Mem{Base: src, Disp: 64 * i}, magnitude, value[i])
		compare(i)
	}
	a.ADDQ(operand.U32(64*unroll), src)
	a.SUBQ(operand.Imm(16*unroll), n)
	a.JGE(a.at("next"))
	a.label("rest")
	a.ADDQ(operand.Imm(16*(unroll-1)), n)
	a.JLT(a.at("tail"))
	a.label("vector")
	a.VPANDD(operand.Mem{Base: src}, magnitude, value[0])
	compare(0)
	a.ADDQ(operand.Imm(64), src)
	a.SUBQ(operand.Imm(16), n)
	a.JGE(a.at("vector"))
	a.label("tail")
	a.ADDQ(operand.Imm(16), n)
	a.JEQ(a.at("end"))
	a.maskOf(n, reg.K1)
	a.VPANDD_Z(operand.Mem{Base: src}, magnitude, reg.K1, value[0])
	compare(0)
	a.label("end")
	a.VPMAXUD(most[1], most[0], most[0])
	a.VPMAXUD(most[3], most[2], most[2])
	a.VPMAXUD(most[2], most[0], most[0])
	a.VEXTRACTI32X8(operand.Imm(1), most[0], ymm[1])
	a.VPMAXUD(most[1], most[0], most[0])
	a.VEXTRACTI32X4(operand.Imm(1), most[0], reg.X1)
	a.VPMAXUD(most[1], most[0], most[0])
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		a.VPSHUFD(operand.Imm(order), most[0], most[1])
		a.VPMAXUD(most[1], most[0], most[0])
	}
	a.VMOVD(reg.X0, word)
	a.MOVQ(word.As64(), args.field("result"))
	a.VZEROUPPER()
	a.RET()
}
