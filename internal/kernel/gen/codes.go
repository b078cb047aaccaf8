package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// codeTileRows are the heights of tiles in products of matrices on codes, by the kind of vectors.
var codeTileRows = map[string][]int{"VNNI": {12, 4, 2, 1}, "AVX2": {6, 2, 1}}

// codeProducts write the kernels for products of matrices on codes of 8 and 16 bits.
func codeProducts(a *assembly) {
	for _, bits := range []int{8, 16} {
		codeStraight(a, bits)
		codeInterleave(a, bits)
		for _, rows := range codeTileRows["VNNI"] {
			codeTile(a, bits, rows, "VNNI", float32x16)
		}
	}
	code16PackAVX2(a, false)
	code16PackAVX2(a, true)
	for _, rows := range codeTileRows["AVX2"] {
		codeTile(a, 16, rows, "AVX2", float32x8)
	}
}

// codeTile writes the kernel for tiles of so many rows by two vectors of columns.
func codeTile(a *assembly, bits, rows int, isa string, v vectors) {
	const nv, group = 2, 3
	a.function(fmt.Sprintf("code%dTile%dx%d%s", bits, rows, nv*v.lanes(), isa))
	sums := v.registers[:rows*nv]
	b := v.registers[rows*nv : rows*nv+nv]
	sources := v.registers[rows*nv+nv:]
	sum := func(row, i int) reg.VecPhysical { return sums[row*nv+i] }

	args := a.arguments()
	left, step := args.load("left"), args.load("leftStep")
	out, rowScales := args.load("output"), args.load("rowScales")
	a.label("tile")
	right, count, pitch := args.load("right"), args.load("terms"), args.load("leftPitch")
	var bases []reg.Register // of rows 0, 3, 6, ...
	for row := 0; row < rows; row += group {
		base := a.GP64()
		if row == 0 {
			a.MOVQ(left, base)
		} else {
			last := bases[len(bases)-1]
			a.LEAQ(operand.Mem{Base: last, Index: pitch, Scale: 2}, base)
			a.ADDQ(pitch, base)
		}
		bases = append(bases, base)
	}
	if bits == 8 {
		corrections := args.load("corrections")
		for i, s := range sums {
			v.move(a, operand.Mem{Base: corrections, Disp: v.size * (i % nv)}, s)
		}
	} else {
		for _, s := range sums {
			v.zero(a, s)
		}
	}

	a.label("term")
	for i := range nv {
		v.move(a, operand.Mem{Base: right, Disp: v.size * i}, b[i])
	}
	for row := range rows {
		from := operand.Mem{Base: bases[row/group]}
		if row%group > 0 {
			from.Index, from.Scale = pitch, uint8(row%group)
		}
		source, product := sources[0], sources[1]
		if isa == "VNNI" {
			source = sources[row%len(sources)]
		}
		a.VPBROADCASTD(from, source)
		for i := range nv {
			switch {
			case isa == "AVX2":
				a.VPMADDWD(source, b[i], product)
				a.VPADDD(product, sum(row, i), sum(row, i))
			case bits == 8:
				a.VPDPBUSD(b[i], source, sum(row, i))
			default:
				a.VPDPWSSD(b[i], source, sum(row, i))
			}
		}
	}
	for _, base := range bases {
		a.ADDQ(step, base)
	}
	a.ADDQ(operand.U32(uint32(v.size*nv)), right)
	a.DECQ(count)
	a.JNE(a.at("term"))

	columnScales, outPitch := args.load("columnScales"), args.load("pitch")
	a.CMPQ(args.field("sums"), operand.Imm(0))
	a.JNE(a.at("sums"))
	scale := b[0]
	for row := range rows {
		for i := range nv {
			v.broadcast(a, operand.Mem{Base: rowScales, Disp: 4 * row}, scale)
			a.VMULPS(operand.Mem{Base: columnScales, Disp: v.size * i}, scale, scale)
			a.VCVTDQ2PS(sum(row, i), sum(row, i))
			a.VMULPS(scale, sum(row, i), sum(row, i))
			v.move(a, sum(row, i), operand.Mem{Base: out, Disp: v.size * i})
		}
		a.ADDQ(outPitch, out)
	}
	a.JMP(a.at("next"))
	a.label("sums")
	for row := range rows {
		for i := range nv {
			v.move(a, sum(row, i), operand.Mem{Base: out, Disp: v.size * i})
		}
		a.ADDQ(outPitch, out)
	}
	a.label("next")
	a.ADDQ(operand.Imm(uint64(4*rows)), rowScales)
	for range rows {
		a.ADDQ(pitch, left)
	}
	a.DECQ(args.field("count"))
	a.JNE(a.at("tile"))
	a.VZEROUPPER()
	a.RET()
}
