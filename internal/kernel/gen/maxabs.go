package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func maxima(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		maxAbs(a, s)
		extremes(a, s)
		maxAbsEach(a, s)
	}
}

// search is a kernel that looks for extremes among finite elements: it takes a few vectors at a time, then single ones,
// then the rest with zeros.
type search struct {
	a                   *assembly
	s                   simd
	args                arguments
	value               []reg.VecPhysical // of each vector of a group
	magnitude, infinity reg.VecPhysical
	other               reg.VecPhysical
}

const searchUnroll = 4

// newSearch starts a kernel; registers from 16 on, or of AVX2 from 0 to 7, are for what it found.
func newSearch(a *assembly, s simd, name string) *search {
	a.function(name + s.name)
	r := s.registers[8:]
	l := &search{a: a, s: s, args: a.arguments(), value: r[:searchUnroll], magnitude: r[4], infinity: r[5], other: r[6]}
	a.VPBROADCASTD(a.word(floatSign-1), l.magnitude)
	a.VPBROADCASTD(a.word(floatInfinity), l.infinity)
	return l
}

// write writes the loops: take is for the elements in memory or in a register, number i of a group.
func (l *search) write(take func(from operand.Op, i int)) {
	a, s := l.a, l.s
	src, n := l.args.load("src"), l.args.load("n")
	a.SUBQ(operand.Imm(uint64(s.lanes*searchUnroll)), n)
	a.JLT(a.at("rest"))
	a.label("next")
	for i := range searchUnroll {
		take(operand.Mem{Base: src, Disp: s.size() * i}, i)
	}
	a.ADDQ(operand.U32(uint32(s.size()*searchUnroll)), src)
	a.SUBQ(operand.Imm(uint64(s.lanes*searchUnroll)), n)
	a.JGE(a.at("next"))
	a.label("rest")
	a.ADDQ(operand.Imm(uint64(s.lanes*(searchUnroll-1))), n)
	a.JLT(a.at("tail"))
	a.label("vector")
	take(operand.Mem{Base: src}, 0)
	a.ADDQ(operand.Imm(uint64(s.size())), src)
	a.SUBQ(operand.Imm(uint64(s.lanes)), n)
	a.JGE(a.at("vector"))
	a.label("tail")
	a.ADDQ(operand.Imm(uint64(s.lanes)), n)
	a.JEQ(a.at("end"))
	if s.wide {
		a.maskOf(n, reg.K1)
		a.VMOVUPS_Z(operand.Mem{Base: src}, reg.K1, l.value[1])
	} else {
		a.VMOVDQU(operand.Mem{Base: a.maskPlace(n)}, l.other)
		a.VMASKMOVPS(operand.Mem{Base: src}, l.other, l.value[1])
	}
	take(l.value[1], 0)
	a.label("end")
}

// finite sets value i to the magnitudes, and K2, or other, to which of them are finite: they compare as integers.
func (l *search) finite(from operand.Op, i int) {
	if l.s.wide {
		l.a.VPANDD(from, l.magnitude, l.value[i])
		l.a.VPCMPUD(operand.Imm(1), l.infinity, l.value[i], reg.K2) // less than
		return
	}
	l.a.VPAND(from, l.magnitude, l.value[i])
	l.a.VPCMPGTD(l.value[i], l.infinity, l.other)
}

// result combines the vectors found and stores the result.
func (l *search) result(found []reg.VecPhysical, combine func(...operand.Op), field string) {
	a := l.a
	combine(found[1], found[0], found[0])
	combine(found[3], found[2], found[2])
	combine(found[2], found[0], found[0])
	a.MOVL(a.horizontal(l.s, found[0], combine), l.args.field(field))
}

func (l *search) end() {
	l.a.VZEROUPPER()
	l.a.RET()
}

// maxAbs writes the search for the largest finite magnitude.
func maxAbs(a *assembly, s simd) {
	l := newSearch(a, s, "maxAbs")
	most := s.registers[:searchUnroll]
	for _, m := range most {
		s.clear(a, m)
	}
	l.write(func(from operand.Op, i int) {
		l.finite(from, i)
		if s.wide {
			a.VPMAXUD(l.value[i], most[i], reg.K2, most[i])
			return
		}
		a.VPAND(l.other, l.value[i], l.value[i])
		a.VPMAXUD(l.value[i], most[i], most[i])
	})
	l.result(most, a.VPMAXUD, "high")
	l.end()
}

// extremes writes the search for the smallest and the largest finite element, 0 if that is beyond it.
func extremes(a *assembly, s simd) {
	l := newSearch(a, s, "extremes")
	low, high := s.registers[:searchUnroll], s.registers[searchUnroll:2*searchUnroll]
	for i := range searchUnroll {
		s.clear(a, low[i])
		s.clear(a, high[i])
	}
	l.write(func(from operand.Op, i int) {
		l.finite(from, i)
		if s.wide {
			a.VMINPS(from, low[i], reg.K2, low[i])
			a.VMAXPS(from, high[i], reg.K2, high[i])
			return
		}
		a.VPAND(from, l.other, l.value[i])
		a.VMINPS(l.value[i], low[i], low[i])
		a.VMAXPS(l.value[i], high[i], high[i])
	})
	l.result(low, a.VMINPS, "low")
	l.result(high, a.VMAXPS, "high")
	l.end()
}

// maxAbsEach writes the search in several runs at once: each element has a result of its own.
func maxAbsEach(a *assembly, s simd) {
	l := newSearch(a, s, "maxAbsEach")
	src, most, n := l.args.load("src"), l.args.load("most"), l.args.load("n")
	mask, from, to := s.registers[0], l.value[0], l.value[1]
	take := func() {
		l.finite(from, 0)
		if s.wide {
			a.VPMAXUD(from, to, reg.K2, to)
			return
		}
		a.VPAND(l.other, from, from)
		a.VPMAXUD(from, to, to)
	}
	a.SUBQ(operand.Imm(uint64(s.lanes)), n)
	a.JLT(a.at("tail"))
	a.label("vector")
	a.VMOVUPS(operand.Mem{Base: src}, from)
	a.VMOVUPS(operand.Mem{Base: most}, to)
	take()
	a.VMOVUPS(to, operand.Mem{Base: most})
	a.ADDQ(operand.Imm(uint64(s.size())), src)
	a.ADDQ(operand.Imm(uint64(s.size())), most)
	a.SUBQ(operand.Imm(uint64(s.lanes)), n)
	a.JGE(a.at("vector"))
	a.label("tail")
	a.ADDQ(operand.Imm(uint64(s.lanes)), n)
	a.JEQ(a.at("end"))
	if s.wide {
		a.maskOf(n, reg.K1)
		a.VMOVUPS_Z(operand.Mem{Base: src}, reg.K1, from)
		a.VMOVUPS_Z(operand.Mem{Base: most}, reg.K1, to)
		take()
		a.VMOVUPS(to, reg.K1, operand.Mem{Base: most})
	} else {
		a.VMOVDQU(operand.Mem{Base: a.maskPlace(n)}, mask)
		a.VMASKMOVPS(operand.Mem{Base: src}, mask, from)
		a.VMASKMOVPS(operand.Mem{Base: most}, mask, to)
		take()
		a.VMASKMOVPS(to, mask, operand.Mem{Base: most})
	}
	a.label("end")
	l.end()
}
