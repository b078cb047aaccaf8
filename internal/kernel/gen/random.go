package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// randoms writes the kernels of philox.Bits, which copy the draws to memory.
func randoms(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		random(a, s)
	}
	placePlanes(a)
}

func random(a *assembly, s simd) {
	a.function("random" + s.name)
	args := a.arguments()
	dst, n := args.load("dst"), args.load("n")
	newPhilox(a, s, args).each(n, nil, func(source, count reg.GPVirtual) {
		const lanes = 16
		a.SUBQ(operand.Imm(lanes), count)
		a.JLT(a.at("tail"))
		a.label("vector")
		a.VMOVDQU(operand.Mem{Base: source}, reg.Y0)
		a.VMOVDQU(reg.Y0, operand.Mem{Base: dst})
		a.ADDQ(operand.Imm(2*lanes), source)
		a.ADDQ(operand.Imm(2*lanes), dst)
		a.SUBQ(operand.Imm(lanes), count)
		a.JGE(a.at("vector"))
		a.label("tail")
		a.ADDQ(operand.Imm(lanes), count)
		a.JEQ(a.at("copied"))
		a.label("word")
		word := a.GP32()
		a.MOVWLZX(operand.Mem{Base: source}, word)
		a.MOVW(word.As16(), operand.Mem{Base: dst})
		a.ADDQ(operand.Imm(2), source)
		a.ADDQ(operand.Imm(2), dst)
		a.DECQ(count)
		a.JNE(a.at("word"))
		a.label("copied")
	})
	a.VZEROUPPER()
	a.RET()
}

// placePlanes writes the kernel that brings the draws of a group of 16 channels from the order of indices to that of
// positions: the transpose of a matrix of words of 16 columns and 8 rows or more, 8 rows at a time. The last ones overlap.
func placePlanes(a *assembly) {
	a.function("placePlanesAVX2")
	args := a.arguments()
	dst, src, area := args.load("dst"), args.load("src"), args.load("area")
	pitch, row, last := a.GP64(), a.GP64(), a.GP64()
	a.LEAQ(operand.Mem{Base: area, Disp: -8}, last)
	a.MOVQ(area, pitch)
	a.ADDQ(pitch, pitch)
	a.XORQ(row, row)
	x, y := ymm[:8], ymm[8:16]
	// unpack interleaves pairs of vectors, the nth of a half with the nth of the other.
	unpack := func(low, high func(...operand.Op), from, to []reg.VecPhysical, pairs [4][2]int) {
		for i, p := range pairs {
			low(from[p[1]], from[p[0]], to[2*i])
			high(from[p[1]], from[p[0]], to[2*i+1])
		}
	}
	a.label("rows")
	from, lower, upper := a.GP64(), a.GP64(), a.GP64()
	a.MOVQ(row, from)
	a.SHLQ(operand.Imm(5), from)
	a.ADDQ(src, from)
	for i, r := range x {
		a.VMOVDQU(operand.Mem{Base: from, Disp: 32 * i}, r)
	}
	unpack(a.VPUNPCKLWD, a.VPUNPCKHWD, x, y, [4][2]int{{0, 1}, {2, 3}, {4, 5}, {6, 7}})
	unpack(a.VPUNPCKLDQ, a.VPUNPCKHDQ, y, x, [4][2]int{{0, 2}, {4, 6}, {1, 3}, {5, 7}})
	unpack(a.VPUNPCKLQDQ, a.VPUNPCKHQDQ, x, y, [4][2]int{{0, 2}, {1, 3}, {4, 6}, {5, 7}})
	a.LEAQ(operand.Mem{Base: dst, Index: row, Scale: 2}, lower)
	a.LEAQ(operand.Mem{Base: lower, Index: pitch, Scale: 8}, upper)
	for _, column := range y {
		a.VMOVDQU(column.AsX(), operand.Mem{Base: lower})
		a.VEXTRACTI128(operand.Imm(1), column, operand.Mem{Base: upper})
		a.ADDQ(pitch, lower)
		a.ADDQ(pitch, upper)
	}
	a.CMPQ(row, last)
	a.JEQ(a.at("end"))
	a.ADDQ(operand.Imm(8), row)
	a.CMPQ(row, last)
	a.CMOVQGT(last, row)
	a.JMP(a.at("rows"))
	a.label("end")
	a.VZEROUPPER()
	a.RET()
}
