package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matrixRows is the largest number of rows that a kernel for products of matrices computes at once.
const matrixRows = 13

// matrix writes the kernel of rows × nv vectors of a product of two matrices that are read where they lie.
func matrix(a *assembly, v vectors, rows, nv int) {
	const group = 3 // rows that are addressed from one pointer: it, and one and two rows on
	a.function(fmt.Sprintf("matrix%sby%d", v.name, rows))
	sums := v.registers[:rows*nv]
	b := v.registers[rows*nv : rows*nv+nv]
	scalars := v.registers[rows*nv+nv : rows*nv+nv+4]

	args := a.arguments()
	for _, s := range sums {
		v.zero(a, s)
	}
	row, term, right, nextRight := args.load("aRow"), args.load("aTerm"), args.load("b"), args.load("bTerm")
	lefts := make([]reg.Register, (rows+group-1)/group)
	for i := range lefts {
		lefts[i] = args.load("a")
		for range i * group {
			a.ADDQ(row, lefts[i])
		}
	}
	left := func(r int) operand.Mem {
		m := operand.Mem{Base: lefts[r/group]}
		if r%group > 0 {
			m.Index, m.Scale = row, uint8(r%group)
		}
		return m
	}
	count := args.load("terms")
	a.label("term")
	for i := range nv {
		v.move(a, operand.Mem{Base: right, Disp: i * v.size}, b[i])
	}
	a.ADDQ(nextRight, right)
	for r := range rows {
		w := scalars[r%len(scalars)]
		v.broadcast(a, left(r), w)
		for i := range nv {
			v.fma(a, b[i], w, sums[r*nv+i])
		}
	}
	for _, l := range lefts {
		a.ADDQ(term, l)
	}
	a.DECQ(count)
	a.JNE(a.at("term"))

	place, pitch, start := args.load("c"), args.load("cRow"), args.load("start")
	a.CMPQ(start, operand.Imm(startAdd))
	a.JNE(a.at("store"))
	for r := range rows {
		for i := range nv {
			v.add(a, operand.Mem{Base: place, Disp: i * v.size}, sums[r*nv+i], sums[r*nv+i])
		}
		if r < rows-1 {
			a.ADDQ(pitch, place)
		}
	}
	a.MOVQ(args.field("c"), place)
	a.label("store")
	for r := range rows {
		for i := range nv {
			v.move(a, sums[r*nv+i], operand.Mem{Base: place, Disp: i * v.size})
		}
		if r < rows-1 {
			a.ADDQ(pitch, place)
		}
	}
	a.VZEROUPPER()
	a.RET()
}
