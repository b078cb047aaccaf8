package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func tiles(a *assembly) {
	tile(a, float32x16, 8, 2, 1)
	tile(a, float32x16, 13, 2, 1)
	tile(a, float32x16, 8, 2, 2)
	tile(a, float64x8, 8, 2, 1)
	tile(a, float32x8, 4, 2, 1)
	tile(a, float64x4, 4, 2, 1)
	for rows := 1; rows <= matrixRows; rows++ {
		matrix(a, float32x16, rows, 2)
	}
}

// tile writes the kernel of a tile of sums of products, rows × nv vectors, each vector loaded as `parts` segments.
func tile(a *assembly, v vectors, rows, nv, parts int) {
	const unroll = 4
	segments := nv * parts
	lanes := v.lanes() / parts
	name := fmt.Sprintf("tile%sx%d", v.name, lanes)
	if rows > 8 {
		name += fmt.Sprintf("by%d", rows)
	}
	a.function(name)

	registers := v.registers
	take := func(n int) []reg.VecPhysical {
		taken := registers[:n]
		registers = registers[n:]
		return taken
	}
	sums, b, scalars := take(rows*nv), take(nv), take(4)
	lower := v.halves
	sum := func(row, vector int) reg.VecPhysical { return sums[row*nv+vector] }

	args := a.arguments()
	weights, offsets, blocks := args.load("weights"), args.load("offsets"), args.load("blocks")

	a.label("block")
	start := a.GP64()
	a.MOVQ(args.field("start"), start)
	a.CMPQ(start, operand.Imm(startContinue))
	a.JEQ(a.at("continue"))
	for _, s := range sums {
		v.zero(a, s)
	}
	a.JMP(a.at("started"))
	a.label("continue")
	outputs(a, args, v, rows, segments, func(row, segment int, place operand.Mem) {
		vector, part := segment/parts, segment%parts
		switch {
		case parts == 1:
			v.move(a, place, sum(row, vector))
		case part == 0:
			v.move(a, place, lower[row*nv+vector])
		default:
			a.VINSERTF32X8(operand.Imm(1), place, sum(row, vector), sum(row, vector))
		}
	})
	a.label("started")

	bases := make([]reg.Register, segments)
	for i := range bases {
		bases[i] = args.load("bases", i)
	}
	term := func(u int) {
		place := a.GP64()
		a.MOVLQSX(operand.Mem{Base: offsets, Disp: 4 * u}, place)
		for i, base := range bases {
			m := operand.Mem{Base: base, Index: place, Scale: uint8(v.element)}
			switch {
			case parts == 1:
				v.move(a, m, b[i])
			case i%parts == 0:
				v.move(a, m, lower[rows*nv+i/parts])
			default:
				a.VINSERTF32X8(operand.Imm(1), m, b[i/parts], b[i/parts])
			}
		}
		for row := range rows {
			w := scalars[row%len(scalars)]
			v.broadcast(a, operand.Mem{Base: weights, Disp: (u*rows + row) * v.element}, w)
			for vector := range nv {
				v.fma(a, b[vector], w, sum(row, vector))
			}
		}
	}
	count := args.load("terms")
	a.SUBQ(operand.Imm(unroll), count)
	a.JLT(a.at("rest"))
	a.label("terms")
	for u := range unroll {
		term(u)
	}
	a.ADDQ(operand.U32(unroll*rows*v.element), weights)
	a.ADDQ(operand.U32(unroll*4), offsets)
	a.SUBQ(operand.Imm(unroll), count)
	a.JGE(a.at("terms"))
	a.label("rest")
	a.ADDQ(operand.Imm(unroll), count)
	a.JEQ(a.at("end"))
	a.label("term")
	term(0)
	a.ADDQ(operand.U32(rows*v.element), weights)
	a.ADDQ(operand.U32(4), offsets)
	a.DECQ(count)
	a.JNE(a.at("term"))
	a.label("end")

	a.MOVQ(args.field("start"), start)
	a.CMPQ(start, operand.Imm(startAdd))
	a.JNE(a.at("store"))
	outputs(a, args, v, rows, segments, func(row, segment int, place operand.Mem) {
		vector, part := segment/parts, segment%parts
		switch {
		case parts == 1:
			v.add(a, place, sum(row, vector), sum(row, vector))
		case part == 0:
			v.move(a, place, lower[rows*nv])
		default:
			a.VINSERTF32X8(operand.Imm(1), place, b[0], b[0])
			v.add(a, b[0], sum(row, vector), sum(row, vector))
		}
	})
	a.label("store")
	outputs(a, args, v, rows, segments, func(row, segment int, place operand.Mem) {
		vector, part := segment/parts, segment%parts
		switch {
		case parts == 1:
			v.move(a, sum(row, vector), place)
		case part == 0:
			v.move(a, lower[row*nv+vector], place)
		default:
			a.VEXTRACTF32X8(operand.Imm(1), sum(row, vector), place)
		}
	})
	a.DECQ(blocks)
	a.JNE(a.at("block"))
	a.VZEROUPPER()
	a.RET()
}

// outputs visits the places of a tile's outputs, row by row.
func outputs(a *assembly, args arguments, v vectors, rows, segments int, visit func(row, segment int, place operand.Mem)) {
	places, pitches := make([]reg.Register, segments), make([]reg.Register, segments)
	for s := range segments {
		places[s], pitches[s] = args.load("outputs", s), args.load("pitches", s)
	}
	for row := range rows {
		for s := range segments {
			visit(row, s, operand.Mem{Base: places[s]})
			if row < rows-1 {
				a.ADDQ(pitches[s], places[s])
			}
		}
	}
}

// How a tile starts, as tile.go of the package numbers it.
const (
	startAdd      = 1
	startContinue = 2
)
