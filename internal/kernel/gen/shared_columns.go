package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// largestColumns writes the search for the largest magnitude of each column, as patterns.
func largestColumns(a *assembly, s simd) {
	a.function("largestColumns" + s.name)
	args := a.arguments()
	src, to, pitch, vectors := args.load("src"), args.load("exponents"), args.load("pitch"), args.load("vectors")
	magnitude, mask := s.registers[14], s.registers[13]
	const most = 4 // vectors side by side
	value, found := s.registers[:most], s.registers[most:2*most]
	a.VPBROADCASTD(a.word(floatSign-1), magnitude)
	from, rows := a.GP64(), a.GP64()
	// columns goes down so many vectors of columns.
	columns := func(name string, n int, load func(i int)) {
		for i := range n {
			s.clear(a, found[i])
		}
		a.MOVQ(src, from)
		a.MOVQ(args.field("rows"), rows)
		a.label(name + "row")
		for i := range n {
			load(i)
			a.VPMAXUD(value[i], found[i], found[i])
		}
		a.ADDQ(pitch, from)
		a.DECQ(rows)
		a.JNE(a.at(name + "row"))
	}
	whole := func(i int) { s.and(a, operand.Mem{Base: from, Disp: i * s.size()}, magnitude, value[i]) }
	for _, n := range []int{most, 1} {
		name := labelOf("columns", n)
		a.label(name)
		a.SUBQ(operand.Imm(uint64(n)), vectors)
		a.JLT(a.at(name + "end"))
		columns(name, n, whole)
		for i := range n {
			a.VMOVUPS(found[i], operand.Mem{Base: to, Disp: i * s.size()})
		}
		a.ADDQ(operand.U32(uint32(n*s.size())), src)
		a.ADDQ(operand.U32(uint32(n*s.size())), to)
		a.JMP(a.at(name))
		a.label(name + "end")
		a.ADDQ(operand.Imm(uint64(n)), vectors)
	}
	rest := args.load("rest")
	a.TESTQ(rest, rest)
	a.JEQ(a.at("end"))
	if s.wide {
		a.maskOf(rest, reg.K1)
	} else {
		a.VMOVDQU(operand.Mem{Base: a.maskPlace(rest)}, mask)
	}
	columns("rest", 1, func(int) {
		if s.wide {
			a.VMOVUPS_Z(operand.Mem{Base: from}, reg.K1, value[0])
		} else {
			a.VMASKMOVPS(operand.Mem{Base: from}, mask, value[0])
		}
		s.and(a, value[0], magnitude, value[0])
	})
	if s.wide {
		a.VMOVUPS(found[0], reg.K1, operand.Mem{Base: to})
	} else {
		a.VMASKMOVPS(found[0], mask, operand.Mem{Base: to})
	}
	a.label("end")
	a.VZEROUPPER()
	a.RET()
}
