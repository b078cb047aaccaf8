package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// int8Outer writes the kernel of a sum of products over the positions of samples' planes: 8 rows of codes plus 128 times
// nv vectors of 16 channels, 4 positions at a time. Totals in float64 get the sum over all samples at once.
func int8Outer(a *assembly, nv int, double bool) {
	const rows = 8
	element := "F32"
	if double {
		element = "F64"
	}
	a.function(fmt.Sprintf("int8Outer%sx%dVNNI", element, 16*nv))
	sums, b := zmm[:rows*nv], zmm[rows*nv:rows*nv+nv]
	sources := zmm[rows*nv+nv : rows*nv+nv+8]

	args := a.arguments()
	for _, s := range sums {
		a.VPXORD(s, s, s)
	}
	at := make([]reg.Register, rows)
	for i := range at {
		at[i] = args.load("rows", i)
	}
	vector, position, count := args.load("vectors"), a.GP64(), a.GP64()
	a.XORQ(position, position)

	a.label("sample")
	sample, corrections := args.load("done"), a.GP64()
	if double {
		a.MOVQ(args.field("shifts"), corrections)
		a.VMOVQ(operand.Mem{Base: corrections, Index: sample, Scale: 8}, reg.X31)
	}
	a.SHLQ(operand.Imm(uint64(5+nv)), sample) // 64·nv bytes each
	a.MOVQ(args.field("corrections"), corrections)
	a.ADDQ(sample, corrections)
	for i, s := range sums {
		correction := operand.Mem{Base: corrections, Disp: 64 * (i % nv)}
		if double {
			a.VPSLLD(reg.X31, s, s)
			a.VPADDD(correction, s, s)
		} else {
			a.VMOVDQU32(correction, s)
		}
	}
	a.MOVQ(args.field("lines"), count)
	a.MOVQ(count, args.field("left"))

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
	a.DECQ(args.field("left"))
	a.JNE(a.at("line"))
	a.ADDQ(args.field("sampleSkip"), position)

	if double {
		int8NextSample(a, args)
		int8AddDouble(a, args, sums, nv)
	} else {
		int8AddSingle(a, args, sums, nv)
		int8NextSample(a, args)
	}
	a.VZEROUPPER()
	a.RET()
}

// int8NextSample counts samples: pointers in the arguments stay as they are, since the garbage collector sees them.
func int8NextSample(a *assembly, args arguments) {
	done := a.GP64()
	a.INCQ(args.field("done"))
	a.MOVQ(args.field("done"), done)
	a.CMPQ(done, args.field("samples"))
	a.JNE(a.at("sample"))
}

// int8AddSingle adds a sample's sums, times its scale, to totals in float32.
func int8AddSingle(a *assembly, args arguments, sums []reg.VecPhysical, nv int) {
	scale := zmm[31]
	place, pitch := a.GP64(), a.GP64()
	a.MOVQ(args.field("scales"), place)
	a.MOVQ(args.field("done"), pitch)
	a.VBROADCASTSS(operand.Mem{Base: place, Index: pitch, Scale: 4}, scale)
	a.MOVQ(args.field("output"), place)
	a.MOVQ(args.field("pitch"), pitch)
	for i, s := range sums {
		to := operand.Mem{Base: place, Disp: 64 * (i % nv)}
		a.VCVTDQ2PS(s, s)
		a.VMULPS(scale, s, s)
		a.VADDPS(to, s, s)
		a.VMOVUPS(s, to)
		if i%nv == nv-1 {
			a.ADDQ(pitch, place)
		}
	}
}

// int8AddDouble adds sums, times the scale, to totals in float64.
func int8AddDouble(a *assembly, args arguments, sums []reg.VecPhysical, nv int) {
	scale, x, half := zmm[31], zmm[30], ymm[29]
	place, pitch := args.load("output"), args.load("pitch")
	a.VBROADCASTSD(args.field("scale"), scale)
	for i, s := range sums {
		for h := range 2 {
			to := operand.Mem{Base: place, Disp: 128*(i%nv) + 64*h}
			a.VEXTRACTI64X4(operand.Imm(uint64(h)), s, half)
			a.VCVTDQ2PD(half, x)
			a.VMULPD(scale, x, x)
			a.VADDPD(to, x, x)
			a.VMOVUPD(x, to)
		}
		if i%nv == nv-1 {
			a.ADDQ(pitch, place)
		}
	}
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
