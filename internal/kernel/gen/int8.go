package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// int8s write the kernels for products of codes of 8 bits.
func int8s(a *assembly) {
	int8Interleave(a)
	int8Plain(a)
	for _, step := range []int{1, 2} {
		int8Tile(a, 4, 1, step)
		int8Tile(a, 2, 2, step)
	}
	int8Negative(a)
	for _, double := range []bool{false, true} {
		int8Outer(a, 1, double)
		int8Outer(a, 2, double)
	}
}

// segmentSize is the size of a segment: its base, its output, and its lanes.
const segmentSize = 24

// int8Sums writes the sums of a tile of quads of 4 places × nv vectors of 16 channels: over groups of terms, from zero, with
// what has been summed shifted left before each group. Sources are so many bytes apart from place to place. It returns the
// sums, place by place, and the registers that held sources.
func int8Sums(a *assembly, args arguments, segments reg.Register, quads, nv, apart int) (sums, sources []reg.VecPhysical) {
	const quad = 4
	sums = zmm[:quad*quads*nv]
	weights := zmm[len(sums) : len(sums)+nv]
	sources = zmm[len(sums)+nv:]
	for _, s := range sums {
		a.VPXORD(s, s, s)
	}
	bases := make([]reg.Register, quads)
	for q := range bases {
		bases[q] = a.GP64()
		a.MOVQ(operand.Mem{Base: segments, Disp: segmentSize * q}, bases[q])
		a.ADDQ(args.field("source"), bases[q])
	}
	weight, offset, groups := args.load("weights"), args.load("offsets"), args.load("groups")
	count, terms, at := args.load("groupCount"), a.GP64(), a.GP64()
	a.label("group")
	a.VMOVQ(operand.Mem{Base: groups, Disp: 8}, reg.X31)
	for _, s := range sums {
		a.VPSLLD(reg.X31, s, s)
	}
	a.MOVQ(operand.Mem{Base: groups}, terms)
	a.label("term")
	a.MOVLQSX(operand.Mem{Base: offset}, at)
	for v := range nv {
		a.VMOVDQU32(operand.Mem{Base: weight, Disp: 64 * v}, weights[v])
	}
	for place := range quad * quads {
		source := sources[place%len(sources)]
		a.VPBROADCASTD(operand.Mem{Base: bases[place/quad], Index: at, Scale: 1, Disp: apart * (place % quad)}, source)
		for v := range nv {
			a.VPDPBUSD(weights[v], source, sums[place*nv+v])
		}
	}
	a.ADDQ(operand.Imm(4), offset)
	a.ADDQ(operand.U32(uint32(64*nv)), weight)
	a.DECQ(terms)
	a.JNE(a.at("term"))
	a.ADDQ(operand.Imm(16), groups)
	a.DECQ(count)
	a.JNE(a.at("group"))
	return sums, sources
}

// int8Tile writes the kernel for quads of 4 outputs in a row, whose sources are step elements apart, by nv vectors of 16
// channels.
func int8Tile(a *assembly, quads, nv, step int) {
	const quad = 4
	a.function(fmt.Sprintf("int8Tile%dx%dStep%dVNNI", quad*quads, 16*nv, step))
	args := a.arguments()
	segments := args.load("segments")
	a.label("next")
	sums, _ := int8Sums(a, args, segments, quads, nv, 4*step)
	sum := func(place, v int) reg.VecPhysical { return sums[place*nv+v] }

	corrections, scales := args.load("corrections"), args.load("scales")
	pitch, pitch3 := args.load("pitch"), a.GP64()
	a.LEAQ(operand.Mem{Base: pitch, Index: pitch, Scale: 2}, pitch3)
	for v := range nv {
		for place := range quad * quads {
			s := sum(place, v)
			a.VPADDD(operand.Mem{Base: corrections, Disp: 64 * v}, s, s)
			a.VCVTDQ2PS(s, s)
			a.VMULPS(operand.Mem{Base: scales, Disp: 64 * v}, s, s)
		}
	}
	free := zmm[len(sums):]
	for q := range quads {
		out, channels := a.GP64(), args.load("output")
		a.MOVQ(operand.Mem{Base: segments, Disp: segmentSize*q + 8}, out)
		a.LEAQ(operand.Mem{Base: channels, Index: out, Scale: 4}, out)
		for v := range nv {
			int8Turn(a, [quad]reg.VecPhysical{sum(quad*q, v), sum(quad*q+1, v), sum(quad*q+2, v), sum(quad*q+3, v)}, free)
			for lane := range 4 {
				for c := range 4 {
					a.VEXTRACTF32X4(operand.Imm(uint64(lane)), sum(quad*q+c, v), places(out, pitch, pitch3, c))
				}
				a.LEAQ(operand.Mem{Base: out, Index: pitch, Scale: 4}, out)
			}
		}
	}
	a.ADDQ(operand.U32(uint32(segmentSize*quads)), segments)
	a.DECQ(args.field("count"))
	a.JNE(a.at("next"))
	a.VZEROUPPER()
	a.RET()
}

// int8Turn transposes 4×4 elements in each 128 bits of four vectors.
func int8Turn(a *assembly, v [4]reg.VecPhysical, free []reg.VecPhysical) {
	a.VUNPCKLPS(v[1], v[0], free[0])
	a.VUNPCKHPS(v[1], v[0], free[1])
	a.VUNPCKLPS(v[3], v[2], free[2])
	a.VUNPCKHPS(v[3], v[2], free[3])
	a.VUNPCKLPD(free[2], free[0], v[0])
	a.VUNPCKHPD(free[2], free[0], v[1])
	a.VUNPCKLPD(free[3], free[1], v[2])
	a.VUNPCKHPD(free[3], free[1], v[3])
}
