package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// shifteds writes the rounding of mantissas behind a shift; see shiftedArgs of the package.
func shifteds(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		shifted(a, s, false)
		shifted(a, s, true)
		largestBits(a, s)
	}
}

// shifted writes the kernel for whole vectors of elements.
func shifted(a *assembly, s simd, stochastic bool) {
	name := "shiftedNearest"
	if stochastic {
		name = "shiftedStochastic"
	}
	a.function(name + s.name)
	args := a.arguments()
	dst, src, n := args.load("dst"), args.load("src"), args.load("n")
	r := s.registers
	base, most, least, kept, added, clipped, underflowed, zero := r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]
	x, t, limited, other, one := r[8], r[9], r[10], r[11], r[12]
	for _, c := range []struct {
		field string
		to    reg.VecPhysical
	}{{"base", base}, {"most", most}, {"least", least}, {"kept", kept}, {"added", added}} {
		a.VBROADCASTSS(args.field(c.field), c.to)
	}
	for _, c := range []reg.VecPhysical{clipped, underflowed, zero} {
		s.clear(a, c)
	}
	if s.wide {
		a.VPBROADCASTD(a.word(1), one)
	}
	var random reg.GPVirtual
	left, right := reg.X13, reg.X14
	if stochastic {
		random = args.load("random")
		a.VMOVQ(args.field("left"), left)
		a.VMOVQ(args.field("right"), right)
	}
	a.label("vector")
	a.VMOVUPS(operand.Mem{Base: src}, x)
	a.VADDPS(base, x, t)
	if stochastic {
		a.VPMOVZXWD(operand.Mem{Base: random}, other)
		s.and(a, added, other, other)
		a.VPSLLD(left, other, other)
		a.VPSRLD(right, other, other)
		a.VPADDD(other, t, t)
	} else {
		a.VPADDD(added, t, t)
	}
	s.and(a, kept, t, t)
	a.VSUBPS(base, t, t)
	a.VMINPS(most, t, limited)
	a.VMAXPS(least, limited, limited)
	if s.wide {
		a.VCMPPS(operand.Imm(notEqual), limited, t, reg.K1)
		a.VPADDD(one, clipped, reg.K1, clipped)
		a.VCMPPS(operand.Imm(equal), zero, limited, reg.K2)
		a.VCMPPS(operand.Imm(notEqual), zero, x, reg.K2, reg.K2)
		a.VPADDD(one, underflowed, reg.K2, underflowed)
	} else {
		a.VCMPPS(operand.Imm(notEqual), limited, t, other)
		a.VPSUBD(other, clipped, clipped)
		a.VCMPPS(operand.Imm(equal), zero, limited, t)
		a.VCMPPS(operand.Imm(notEqual), zero, x, other)
		a.VPAND(t, other, other)
		a.VPSUBD(other, underflowed, underflowed)
	}
	a.VMOVUPS(limited, operand.Mem{Base: dst})
	a.ADDQ(operand.Imm(uint64(s.size())), src)
	a.ADDQ(operand.Imm(uint64(s.size())), dst)
	if stochastic {
		a.ADDQ(operand.Imm(uint64(s.size()/2)), random)
	}
	a.SUBQ(operand.Imm(uint64(s.lanes)), n)
	a.JNE(a.at("vector"))
	for _, c := range []struct {
		lanes reg.VecPhysical
		field string
	}{{clipped, "clipped"}, {underflowed, "underflowed"}} {
		word := a.horizontal(s, c.lanes, a.VPADDD)
		a.ADDQ(word.As64(), args.field(c.field))
	}
	a.VZEROUPPER()
	a.RET()
}

// and sets to to the bits of both.
func (s simd) and(a *assembly, x operand.Op, y, to reg.VecPhysical) {
	if s.wide {
		a.VPANDD(x, y, to)
	} else {
		a.VPAND(x, y, to)
	}
}

// largestBits writes the search for the largest magnitude among patterns, those of infinities and NaN included.
func largestBits(a *assembly, s simd) {
	l := newSearch(a, s, "largestBits")
	most := s.registers[:searchUnroll]
	for _, m := range most {
		s.clear(a, m)
	}
	l.write(func(from operand.Op, i int) {
		if s.wide {
			a.VPANDD(from, l.magnitude, l.value[i])
		} else {
			a.VPAND(from, l.magnitude, l.value[i])
		}
		a.VPMAXUD(l.value[i], most[i], most[i])
	})
	l.result(most, a.VPMAXUD, "high")
	l.end()
}
