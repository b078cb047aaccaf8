package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// int8Outer writes the kernel of a sum of products over the positions of a plane: 8 rows of codes plus 128 times nv
// vectors of 16 channels, 4 positions at a time.
func int8Outer(a *assembly, nv int, double bool) {
	const rows = 8
	element, size := "F32", 4
	if double {
		element, size = "F64", 8
	}
	a.function(fmt.Sprintf("int8Outer%sx%dVNNI", element, 16*nv))
	sums, b := zmm[:rows*nv], zmm[rows*nv:rows*nv+nv]
	sources := zmm[rows*nv+nv : rows*nv+nv+8]

	args := a.arguments()
	corrections := args.load("corrections")
	for i, s := range sums {
		a.VMOVDQU32(operand.Mem{Base: corrections, Disp: 64 * (i % nv)}, s)
	}
	at := make([]reg.Register, rows)
	for i := range at {
		at[i] = args.load("rows", i)
	}
	vector, position, count := args.load("vectors"), a.GP64(), a.GP64()
	a.XORQ(position, position)
	a.label("line")
	a.MOVQ(args.field("quads"), count)
	a.label("quad")
	for v := range nv {
		a.VMOVDQU32(operand.Mem{Base: vector, Disp: 64 * v}, b[v])
	}
	for row := range rows {
		a.VPBROADCASTD(operand.Mem{Base: at[row], Index: position, Scale: 1}, sources[row])
		for v := range nv {
			a.VPDPBUSD(b[v], sources[row], sums[row*nv+v])
		}
	}
	a.ADDQ(operand.Imm(4), position)
	a.ADDQ(operand.U32(uint32(64*nv)), vector)
	a.DECQ(count)
	a.JNE(a.at("quad"))
	a.ADDQ(args.field("skip"), position)
	a.DECQ(args.field("lines"))
	a.JNE(a.at("line"))

	scale := sources[0]
	place, pitch := args.load("output"), args.load("pitch")
	if double {
		a.VBROADCASTSD(args.field("scale"), scale)
	} else {
		a.VBROADCASTSS(args.field("single"), scale)
	}
	for row := range rows {
		for v := range nv {
			s, x, half := sums[row*nv+v], zmm[30], ymm[31]
			if !double {
				to := operand.Mem{Base: place, Disp: 64 * v}
				a.VCVTDQ2PS(s, s)
				a.VMULPS(scale, s, s)
				a.VADDPS(to, s, s)
				a.VMOVUPS(s, to)
				continue
			}
			for h := range 2 {
				to := operand.Mem{Base: place, Disp: 16*size*v + 64*h}
				a.VEXTRACTI64X4(operand.Imm(uint64(h)), s, half)
				a.VCVTDQ2PD(half, x)
				a.VMULPD(scale, x, x)
				a.VADDPD(to, x, x)
				a.VMOVUPD(x, to)
			}
		}
		if row < rows-1 {
			a.ADDQ(pitch, place)
		}
	}
	a.VZEROUPPER()
	a.RET()
}

// int8Negative writes the kernel that sums vectors of quads of codes, times -128.
func int8Negative(a *assembly) {
	a.function("int8NegativeVNNI")
	args := a.arguments()
	sum, ones, zero := zmm[0], zmm[1], zmm[2]
	a.VPXORD(sum, sum, sum)
	a.VPXORD(zero, zero, zero)
	a.VPBROADCASTD(a.word(0x80808080), ones)
	vector, pitch, count := args.load("vectors"), args.load("pitch"), args.load("lines")
	a.label("next")
	a.VMOVDQU32(operand.Mem{Base: vector}, zmm[3])
	a.VPDPBUSD(zmm[3], ones, sum)
	a.ADDQ(pitch, vector)
	a.DECQ(count)
	a.JNE(a.at("next"))
	a.VPSUBD(sum, zero, sum)
	out := args.load("output")
	a.VMOVDQU32(sum, operand.Mem{Base: out})
	a.VZEROUPPER()
	a.RET()
}
