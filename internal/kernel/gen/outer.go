package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func outers(a *assembly) {
	outer(a, float32x16, 8, 2)
	outer(a, float32x16, 8, 1)
	outer(a, float64x8, 8, 2)
	outer(a, float64x8, 8, 1)
	outer(a, float32x8, 4, 2)
	outer(a, float64x4, 4, 2)
}

// outer writes the kernel of a sum of outer products over the positions of a plane: rows scalars × nv vectors.
func outer(a *assembly, v vectors, rows, nv int) {
	const unroll = 4
	lanes := nv * v.lanes()
	a.function(fmt.Sprintf("outer%sx%d", v.name, lanes))
	sums := v.registers[:rows*nv]
	b := v.registers[rows*nv : rows*nv+nv]
	scalars := v.registers[rows*nv+nv : rows*nv+nv+4]

	args := a.arguments()
	for _, s := range sums {
		v.zero(a, s)
	}
	places := make([]reg.Register, rows)
	for i := range places {
		places[i] = args.load("rows", i)
	}
	vector := args.load("vectors")
	position, step := a.GP64(), args.load("step")
	a.XORQ(position, position)
	term := func(u int) {
		for i := range nv {
			v.move(a, operand.Mem{Base: vector, Disp: (u*nv + i) * v.size}, b[i])
		}
		for row := range rows {
			m := operand.Mem{Base: places[row], Index: position, Scale: 1}
			if nv == 1 && v.size == 64 {
				v.fmaBroadcast(a, m, b[0], sums[row])
				continue
			}
			w := scalars[row%len(scalars)]
			v.broadcast(a, m, w)
			for i := range nv {
				v.fma(a, b[i], w, sums[row*nv+i])
			}
		}
		a.ADDQ(step, position)
	}

	a.label("row")
	count := args.load("columns")
	a.SUBQ(operand.Imm(unroll), count)
	a.JLT(a.at("rest"))
	a.label("columns")
	for u := range unroll {
		term(u)
	}
	a.ADDQ(operand.U32(unroll*nv*v.size), vector)
	a.SUBQ(operand.Imm(unroll), count)
	a.JGE(a.at("columns"))
	a.label("rest")
	a.ADDQ(operand.Imm(unroll), count)
	a.JEQ(a.at("rowend"))
	a.label("column")
	term(0)
	a.ADDQ(operand.U32(nv*v.size), vector)
	a.DECQ(count)
	a.JNE(a.at("column"))
	a.label("rowend")
	a.ADDQ(args.field("skip"), position)
	a.DECQ(args.field("lines"))
	a.JNE(a.at("row"))

	place, pitch := args.load("output"), args.load("pitch")
	for row := range rows {
		for i := range nv {
			m := operand.Mem{Base: place, Disp: i * v.size}
			v.add(a, m, sums[row*nv+i], sums[row*nv+i])
			v.move(a, sums[row*nv+i], m)
		}
		if row < rows-1 {
			a.ADDQ(pitch, place)
		}
	}
	a.VZEROUPPER()
	a.RET()
}
