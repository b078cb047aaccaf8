package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// blockeds write the kernels for tensors in blocks of 16 channels; see blockedTileArgs and blockedOuterArgs of the package.
func blockeds(a *assembly) {
	for _, s := range []struct {
		name    string
		in, out int
	}{{"", 64, 64}, {"Apart", 128, 64}, {"Into", 64, 128}, {"Plane", 4, 64}} {
		blockedTile(a, float32x16, 4, 1, s.name, s.in, s.out)
		blockedTile(a, float32x8, 1, 1, s.name, s.in, s.out)
		if s.name != "Plane" {
			blockedTile(a, float32x16, 2, 2, s.name, s.in, s.out)
		}
	}
	for _, taps := range []int{1, 3} {
		blockedOuter(a, float32x16, taps, 8, 1)
		blockedOuter(a, float32x16, taps, 4, 2)
		blockedOuter(a, float32x8, taps, 2, 1)
	}
	blockedSums(a)
	blockedPointwises(a)
	for _, step := range []int{1, 2} {
		int8Blocked(a, 4, 1, step, 1)
		int8Blocked(a, 2, 2, step, 1)
		int8Quads(a, step)
	}
	int8Blocked(a, 4, 1, 1, 2)
	int8Blocked(a, 2, 2, 1, 2)
	int8Places(a)
	for _, taps := range []int{1, 3} {
		for _, double := range []bool{false, true} {
			int8BlockedOuter(a, taps, 8, 1, double)
			int8BlockedOuter(a, taps, 4, 2, double)
		}
	}
}

// blockBytes is the size of a block's place: 16 channels of float32.
const blockBytes = 64

// blockedTile writes the kernel for quads of 4 places, whose sources are in bytes apart and whose outputs are out bytes
// apart, by nv blocks of 16 channels.
func blockedTile(a *assembly, v vectors, quads, nv int, name string, in, out int) {
	const quad = 4
	a.function(fmt.Sprintf("blockedTile%sx%dx%d%s", v.name, quad*quads, 16*nv, name))
	count := nv * blockBytes / v.size // vectors of a place
	sums := v.registers[:quad*quads*count]
	weights := v.registers[len(sums) : len(sums)+count]
	sources := v.registers[len(sums)+count:]
	sum := func(place, i int) reg.VecPhysical { return sums[place*count+i] }

	args := a.arguments()
	segments := args.load("segments")
	a.label("next")
	for _, s := range sums {
		v.zero(a, s)
	}
	bases := make([]reg.Register, quads)
	for q := range bases {
		bases[q] = a.GP64()
		a.MOVQ(operand.Mem{Base: segments, Disp: segmentSize * q}, bases[q])
		a.ADDQ(args.field("source"), bases[q])
	}
	weight, offset, terms, at := args.load("weights"), args.load("offsets"), args.load("terms"), a.GP64()
	term := func(u int) {
		a.MOVLQSX(operand.Mem{Base: offset, Disp: 4 * u}, at)
		for i := range count {
			v.move(a, operand.Mem{Base: weight, Disp: nv*blockBytes*u + v.size*i}, weights[i])
		}
		for place := range quad * quads {
			m := operand.Mem{Base: bases[place/quad], Index: at, Scale: 1, Disp: in * (place % quad)}
			if count == 1 {
				v.fmaBroadcast(a, m, weights[0], sum(place, 0))
				continue
			}
			source := sources[place%len(sources)]
			v.broadcast(a, m, source)
			for i := range count {
				v.fma(a, weights[i], source, sum(place, i))
			}
		}
	}
	const unroll = 2
	a.SUBQ(operand.Imm(unroll), terms)
	a.JLT(a.at("rest"))
	a.label("terms")
	for u := range unroll {
		term(u)
	}
	a.ADDQ(operand.Imm(4*unroll), offset)
	a.ADDQ(operand.U32(uint32(blockBytes*nv*unroll)), weight)
	a.SUBQ(operand.Imm(unroll), terms)
	a.JGE(a.at("terms"))
	a.label("rest")
	a.ADDQ(operand.Imm(unroll), terms)
	a.JEQ(a.at("end"))
	term(0)
	a.label("end")
	blockedStore(a, args, segments, quads, nv, v, out, sum)
	a.DECQ(args.field("count"))
	a.JNE(a.at("next"))
	a.VZEROUPPER()
	a.RET()
}

// blockedStore writes the end of a tile: its outputs go to their places, and the segments move on.
func blockedStore(a *assembly, args arguments, segments reg.Register, quads, nv int, v vectors, out int, sum func(place, i int) reg.VecPhysical) {
	const quad = 4
	pitch, parts := args.load("pitch"), blockBytes/v.size
	for q := range quads {
		to := a.GP64()
		a.MOVQ(operand.Mem{Base: segments, Disp: segmentSize*q + 8}, to)
		a.ADDQ(args.field("output"), to)
		for block := range nv {
			for i := range quad {
				for part := range parts {
					v.move(a, sum(quad*q+i, block*parts+part), operand.Mem{Base: to, Disp: out*i + v.size*part})
				}
			}
			if block < nv-1 {
				a.ADDQ(pitch, to)
			}
		}
	}
	a.ADDQ(operand.U32(uint32(segmentSize*quads)), segments)
}

// blockedOuter writes the kernel of sums of outer products over the places of a plane: taps in a row × channels of a block,
// by nv blocks of 16 channels of errors.
func blockedOuter(a *assembly, v vectors, taps, channels, nv int) {
	const unroll = 2
	a.function(fmt.Sprintf("blockedOuter%sx%dx%dx%d", v.name, taps, channels, 16*nv))
	parts := blockBytes / v.size
	count := nv * parts
	sums := v.registers[:taps*channels*count]
	b := v.registers[len(sums) : len(sums)+count]
	scalars := v.registers[len(sums)+count:]
	args := a.arguments()
	for _, s := range sums {
		v.zero(a, s)
	}
	source, step := args.load("source"), args.load("step")
	vectors := []reg.Register{args.load("vectors")}
	if nv == 2 {
		second := a.GP64()
		a.MOVQ(vectors[0], second)
		a.ADDQ(args.field("vectorPitch"), second)
		vectors = append(vectors, second)
	}
	term := func(u int) {
		for i := range count {
			v.move(a, operand.Mem{Base: vectors[i/parts], Disp: blockBytes*u + v.size*(i%parts)}, b[i])
		}
		for tap := range taps {
			for c := range channels {
				m := operand.Mem{Base: source, Disp: blockBytes*tap + 4*c}
				first := (tap*channels + c) * count
				if count == 1 {
					v.fmaBroadcast(a, m, b[0], sums[first])
					continue
				}
				s := scalars[(tap*channels+c)%len(scalars)]
				v.broadcast(a, m, s)
				for i := range count {
					v.fma(a, b[i], s, sums[first+i])
				}
			}
		}
		a.ADDQ(step, source)
	}
	next := func(n int) {
		for _, place := range vectors {
			a.ADDQ(operand.U32(uint32(blockBytes*n)), place)
		}
	}
	a.label("row")
	left := args.load("columns")
	a.SUBQ(operand.Imm(unroll), left)
	a.JLT(a.at("rest"))
	a.label("column")
	for u := range unroll {
		term(u)
	}
	next(unroll)
	a.SUBQ(operand.Imm(unroll), left)
	a.JGE(a.at("column"))
	a.label("rest")
	a.ADDQ(operand.Imm(unroll), left)
	a.JEQ(a.at("rowend"))
	term(0)
	next(1)
	a.label("rowend")
	a.ADDQ(args.field("skip"), source)
	a.DECQ(args.field("lines"))
	a.JNE(a.at("row"))

	place := args.load("output")
	for block := range nv {
		for tap := range taps {
			for c := range channels {
				for part := range parts {
					s := sums[(tap*channels+c)*count+block*parts+part]
					m := operand.Mem{Base: place, Disp: blockBytes*(16*tap+c) + v.size*part}
					v.add(a, m, s, s)
					v.move(a, s, m)
				}
			}
		}
		if block < nv-1 {
			a.ADDQ(args.field("pitch"), place)
		}
	}
	a.VZEROUPPER()
	a.RET()
}

// blockedSums write sums over the places of a plane of 16 channels, in the order that planeSums has: place i goes to lane
// i mod 8 of its channel.
func blockedSums(a *assembly) {
	const lanes = 8
	write := func(name string, operands int, term func(x, y, center reg.VecPhysical)) {
		a.function(name)
		args := a.arguments()
		sums := zmm[:2*lanes]
		for _, s := range sums {
			a.VPXORD(s, s, s)
		}
		centers := []reg.VecPhysical{zmm[28], zmm[29]}
		center := args.load("y")
		if operands == 1 {
			a.VMOVUPD(operand.Mem{Base: center}, centers[0])
			a.VMOVUPD(operand.Mem{Base: center, Disp: 64}, centers[1])
		}
		x, n := args.load("x"), args.load("n")
		a.label("next")
		for i := range lanes {
			for h := range 2 {
				v, w := zmm[16+(2*i+h)%6], zmm[22+(2*i+h)%6]
				a.VCVTPS2PD(operand.Mem{Base: x, Disp: 64*i + 32*h}, v)
				if operands == 2 {
					a.VCVTPS2PD(operand.Mem{Base: center, Disp: 64*i + 32*h}, w)
				}
				term(v, w, centers[h])
				a.VADDPD(v, sums[2*i+h], sums[2*i+h])
			}
		}
		a.ADDQ(operand.U32(64*lanes), x)
		if operands == 2 {
			a.ADDQ(operand.U32(64*lanes), center)
		}
		a.SUBQ(operand.Imm(lanes), n)
		a.JNE(a.at("next"))
		result := args.load("result")
		for h := range 2 {
			s := func(i int) reg.VecPhysical { return sums[2*i+h] }
			for i := range 4 {
				a.VADDPD(s(i+4), s(i), s(i))
			}
			a.VADDPD(s(2), s(0), s(0))
			a.VADDPD(s(3), s(1), s(1))
			a.VADDPD(s(1), s(0), s(0))
			a.VMOVUPD(s(0), operand.Mem{Base: result, Disp: 64 * h})
		}
		a.VZEROUPPER()
		a.RET()
	}
	write("blockedSumAVX512", 0, func(x, y, center reg.VecPhysical) {})
	write("blockedDotAVX512", 2, func(x, y, center reg.VecPhysical) { a.VMULPD(y, x, x) })
	write("blockedSquaresAVX512", 1, func(x, y, center reg.VecPhysical) {
		a.VSUBPD(center, x, x)
		a.VMULPD(x, x, x)
	})
}

// blockedPointwises write functions with numbers of their own for each of 16 channels.
func blockedPointwises(a *assembly) {
	write := func(name string, operands, scalars int, body func(x, y, p, q, r, out reg.VecPhysical)) {
		a.function(name)
		args := a.arguments()
		p := zmm[28:31]
		for i := range scalars {
			a.VMOVUPS(operand.Mem{Base: args.load("scalars", i)}, p[i])
		}
		dst, x, y, n := args.load("dst"), args.load("x"), args.load("y"), args.load("n")
		a.label("next")
		const unroll = 2
		for u := range unroll {
			v, w, out := zmm[3*u], zmm[3*u+1], zmm[3*u+2]
			a.VMOVUPS(operand.Mem{Base: x, Disp: 64 * u}, v)
			if operands == 2 {
				a.VMOVUPS(operand.Mem{Base: y, Disp: 64 * u}, w)
			}
			body(v, w, p[0], p[1], p[2], out)
			a.VMOVUPS(out, operand.Mem{Base: dst, Disp: 64 * u})
		}
		for _, r := range []reg.Register{dst, x, y} {
			a.ADDQ(operand.U32(64*unroll), r)
		}
		a.SUBQ(operand.Imm(unroll), n)
		a.JNE(a.at("next"))
		a.VZEROUPPER()
		a.RET()
	}
	write("blockedScaleShiftAVX512", 1, 2, func(x, y, p, q, r, out reg.VecPhysical) {
		a.VMULPS(p, x, out)
		a.VADDPS(q, out, out)
	})
	write("blockedNormaliseAVX512", 1, 2, func(x, y, p, q, r, out reg.VecPhysical) {
		a.VSUBPS(p, x, out)
		a.VMULPS(q, out, out)
	})
	write("blockedNormaliseGradientAVX512", 2, 3, func(x, y, p, q, r, out reg.VecPhysical) {
		a.VSUBPS(p, x, x)
		a.VMULPS(q, y, y)
		a.VSUBPS(y, x, out)
		a.VMULPS(r, out, out)
	})
}
