package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// int8Blocked writes the kernel for quads of 4 places of codes in blocks of 16 channels, whose sources are step places
// apart and whose outputs are outStep places apart, by nv blocks of 16 channels.
func int8Blocked(a *assembly, quads, nv, step, outStep int) {
	const quad = 4
	a.function(fmt.Sprintf("int8Blocked%dx%dStep%dx%dVNNI", quad*quads, 16*nv, step, outStep))
	args := a.arguments()
	segments := args.load("segments")
	a.label("next")
	sums, sources := int8Sums(a, args, segments, quads, nv, 16*step)
	sum := func(place, v int) reg.VecPhysical { return sums[place*nv+v] }

	corrections, scales := args.load("corrections"), args.load("scales")
	for v := range nv {
		c, scale := sources[0], sources[1]
		a.VMOVDQU32(operand.Mem{Base: corrections, Disp: 64 * v}, c)
		a.VMOVUPS(operand.Mem{Base: scales, Disp: 64 * v}, scale)
		for place := range quad * quads {
			s := sum(place, v)
			a.VPADDD(c, s, s)
			a.VCVTDQ2PS(s, s)
			a.VMULPS(scale, s, s)
		}
	}
	blockedStore(a, args, segments, quads, nv, float32x16, blockBytes*outStep, sum)
	a.DECQ(args.field("count"))
	a.JNE(a.at("next"))
	a.VZEROUPPER()
	a.RET()
}

// int8Quads writes the kernel that turns places × 16 channels of codes into quads: of each 4 places, step places apart,
// the 4 bytes of a channel side by side.
func int8Quads(a *assembly, step int) {
	var bytes []operand.Constant
	for i := range 64 {
		bytes = append(bytes, operand.U8(i%4*16*step+i/4))
	}
	turn := a.constant(fmt.Sprintf("int8Turn%d", step), bytes...)
	a.function(fmt.Sprintf("int8QuadsStep%dVNNI", step))
	args := a.arguments()
	order, v := zmm[0], zmm[1]
	a.VMOVDQU32(turn, order)
	src, dst, lines := args.load("src", 0), args.load("dst"), args.load("rows")
	skip, pitch := args.load("srcPitch"), args.load("dstPitch")
	count := a.GP64()
	a.label("line")
	a.MOVQ(args.field("vectors"), count)
	a.label("quad")
	a.VMOVDQU32(operand.Mem{Base: src}, v)
	if step == 1 {
		a.VPERMB(v, order, v)
	} else {
		// The last of the places lies in the second vector, which ends behind what is read of it.
		a.VPERMT2B(operand.Mem{Base: src, Disp: 64}, order, v)
	}
	a.VMOVDQU32(v, operand.Mem{Base: dst})
	a.ADDQ(operand.U32(uint32(64*step)), src)
	a.ADDQ(pitch, dst)
	a.DECQ(count)
	a.JNE(a.at("quad"))
	a.ADDQ(skip, src)
	a.DECQ(lines)
	a.JNE(a.at("line"))
	a.VZEROUPPER()
	a.RET()
}

// int8BlockedOuter writes the kernel of sums of products over a sample's plane, 4 places at a time: taps in a row ×
// channels of a block, by nv blocks of 16 channels of errors. Totals are float32 or float64.
func int8BlockedOuter(a *assembly, taps, channels, nv int, double bool) {
	element := "F32"
	if double {
		element = "F64"
	}
	a.function(fmt.Sprintf("int8BlockedOuter%sx%dx%dx%dVNNI", element, taps, channels, 16*nv))
	sums := zmm[:taps*channels*nv]
	b := zmm[len(sums) : len(sums)+nv]
	sources := zmm[len(sums)+nv:]
	args := a.arguments()
	corrections := args.load("corrections")
	for i, s := range sums {
		a.VMOVDQU32(operand.Mem{Base: corrections, Disp: 64 * (i % nv)}, s)
	}
	source, vector := args.load("source"), args.load("vectors")
	vectors := []reg.Register{vector}
	if nv == 2 {
		second := a.GP64()
		a.MOVQ(vector, second)
		a.ADDQ(args.field("vectorPitch"), second)
		vectors = append(vectors, second)
	}
	count := args.load("quads")
	a.label("quad")
	for v := range nv {
		a.VMOVDQU32(operand.Mem{Base: vectors[v]}, b[v])
	}
	for tap := range taps {
		for c := range channels {
			s := sources[(tap*channels+c)%len(sources)]
			a.VPBROADCASTD(operand.Mem{Base: source, Disp: 64*tap + 4*c}, s)
			for v := range nv {
				a.VPDPBUSD(b[v], s, sums[(tap*channels+c)*nv+v])
			}
		}
	}
	a.ADDQ(operand.U32(uint32(64*taps)), source)
	for _, v := range vectors {
		a.ADDQ(operand.Imm(64), v)
	}
	a.DECQ(count)
	a.JNE(a.at("quad"))

	scale, x := sources[0], sources[1]
	if double {
		a.VBROADCASTSD(args.field("scale"), scale)
	} else {
		a.VCVTSD2SS(args.field("scale"), reg.X31, reg.X31)
		a.VBROADCASTSS(reg.X31, scale)
	}
	place := args.load("output")
	for v := range nv {
		for tap := range taps {
			for c := range channels {
				s := sums[(tap*channels+c)*nv+v]
				if double {
					for h := range 2 {
						m := operand.Mem{Base: place, Disp: 128*(16*tap+c) + 64*h}
						a.VEXTRACTI64X4(operand.Imm(uint64(h)), s, ymm[30])
						a.VCVTDQ2PD(ymm[30], x)
						a.VMULPD(scale, x, x)
						a.VADDPD(m, x, x)
						a.VMOVUPD(x, m)
					}
					continue
				}
				m := operand.Mem{Base: place, Disp: 64 * (16*tap + c)}
				a.VCVTDQ2PS(s, s)
				a.VMULPS(scale, s, s)
				a.VADDPS(m, s, s)
				a.VMOVUPS(s, m)
			}
		}
		if v < nv-1 {
			a.ADDQ(args.field("pitch"), place)
		}
	}
	a.VZEROUPPER()
	a.RET()
}

// int8Places writes the kernel that copies rows of places of 16 channels of codes, plus 128, while it puts their channels
// into another order: of each 4 places, what the parts say, each one a block of the source, bytes of it and where they go.
func int8Places(a *assembly) {
	a.function("int8PlacesVNNI")
	args := a.arguments()
	rows, columns, part, parts := args.load("rows"), a.GP64(), a.GP64(), a.GP64()
	from, to, at := args.load("src"), args.load("dst"), a.GP64()
	flip, none, v := zmm[1], zmm[2], zmm[3]
	a.VPBROADCASTD(a.word(0x80808080), flip)
	a.VPXORD(none, none, none)
	order := zmm[4]
	a.label("row")
	a.MOVQ(args.field("quads"), columns)
	a.label("quad")
	a.MOVQ(args.field("parts"), part)
	a.MOVQ(args.field("partCount"), parts)
	a.VMOVDQA32(none, v)
	a.label("part")
	a.MOVQ(operand.Mem{Base: part}, at)
	a.KMOVQ(operand.Mem{Base: part, Disp: 8}, reg.K1)
	a.VMOVDQU32(operand.Mem{Base: part, Disp: 16}, order)
	a.VMOVDQU32(operand.Mem{Base: from, Index: at, Scale: 1}, zmm[0])
	a.VPERMB(zmm[0], order, reg.K1, v)
	a.ADDQ(operand.Imm(80), part)
	a.DECQ(parts)
	a.JNE(a.at("part"))
	a.VPXORD(flip, v, v)
	a.VMOVDQU32(v, operand.Mem{Base: to})
	a.ADDQ(operand.Imm(64), from)
	a.ADDQ(operand.Imm(64), to)
	a.DECQ(columns)
	a.JNE(a.at("quad"))
	a.ADDQ(args.field("dstSkip"), to)
	a.DECQ(rows)
	a.JNE(a.at("row"))
	a.VZEROUPPER()
	a.RET()
}
