package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pointwises write elementwise kernels of float32: out is computed from x, y and the scalars p, q, r; zero is +0.
func pointwises(a *assembly) {
	x, y, p, q, r, zero, out := zmm[0], zmm[1], zmm[2], zmm[3], zmm[4], zmm[5], zmm[6]
	write := func(name string, operands int, body func()) {
		pointwise{name + "AVX512", operands, body}.write(a, x, y, []reg.VecPhysical{p, q, r}, zero, out)
	}
	write("add", 2, func() { a.VADDPS(y, x, out) })
	write("subtract", 2, func() { a.VSUBPS(y, x, out) })
	write("multiply", 2, func() { a.VMULPS(y, x, out) })
	write("relu", 1, func() {
		a.VMAXPS(x, zero, out) // x if it is NaN, or if both are zeros
		a.VADDPS(zero, out, out)
	})
	write("reluGradient", 2, func() {
		a.VCMPPS(operand.Imm(greaterEqual), zero, y, reg.K2)
		a.VMOVAPS_Z(x, reg.K2, out)
	})
	write("addScalar", 1, func() { a.VADDPS(p, x, out) })
	write("scale", 1, func() { a.VMULPS(p, x, out) })
	write("scaleShift", 1, func() {
		a.VMULPS(p, x, out)
		a.VADDPS(q, out, out)
	})
	write("normalise", 1, func() {
		a.VSUBPS(p, x, out)
		a.VMULPS(q, out, out)
	})
	write("normaliseGradient", 2, func() {
		a.VSUBPS(p, x, x)
		a.VMULPS(q, y, y)
		a.VSUBPS(y, x, out)
		a.VMULPS(r, out, out)
	})
	write("sigmoidGradient", 2, func() {
		a.inDoubles(func(d, y, one, out reg.VecPhysical) {
			a.VSUBPD(y, one, out)
			a.VMULPD(out, y, out)
			a.VMULPD(out, d, out)
		})
	})
	write("tanhGradient", 2, func() {
		a.inDoubles(func(d, y, one, out reg.VecPhysical) {
			a.VMULPD(y, y, out)
			a.VSUBPD(out, one, out)
			a.VMULPD(out, d, out)
		})
	})
	planeSums(a)
	columnSums(a)
}

// inDoubles computes out, zmm6, from x and y, zmm0 and zmm1, in float64 and rounds it once.
func (a *assembly) inDoubles(body func(x, y, one, out reg.VecPhysical)) {
	one := zmm[7]
	a.VPTERNLOGQ(operand.U8(0xff), one, one, one)
	a.VPSRLQ(operand.Imm(54), one, one)
	a.VPSLLQ(operand.Imm(52), one, one) // the bits of 1
	a.VEXTRACTF32X8(operand.Imm(1), zmm[0], ymm[8])
	a.VEXTRACTF32X8(operand.Imm(1), zmm[1], ymm[9])
	for half, sources := range [][2]int{{0, 1}, {8, 9}} {
		x, y, out := zmm[10+3*half], zmm[11+3*half], zmm[12+3*half]
		a.VCVTPS2PD(ymm[sources[0]], x)
		a.VCVTPS2PD(ymm[sources[1]], y)
		body(x, y, one, out)
	}
	a.VCVTPD2PS(zmm[12], ymm[6])
	a.VCVTPD2PS(zmm[15], ymm[15])
	a.VINSERTF32X8(operand.Imm(1), ymm[15], zmm[6], zmm[6])
}

// columnSums writes sums over the rows of a matrix of float32, in float64 and ascending order from +0.
func columnSums(a *assembly) {
	low, high, x := zmm[0], zmm[1], zmm[2]
	a.function("columnSumsAVX512")
	args := a.arguments()
	dst, source, n := args.load("dst"), args.load("x"), args.load("n")
	pitch := args.load("pitch")
	place, left, bits := a.GP64(), a.GP64(), a.GP32()
	a.label("next")
	a.MOVL(operand.U32(0xffff), bits)
	a.KMOVW(bits, reg.K1)
	a.CMPQ(n, operand.Imm(16))
	a.JGE(a.at("whole"))
	a.maskOf(n, reg.K1)
	a.label("whole")
	a.VPXORD(low, low, low)
	a.VPXORD(high, high, high)
	a.MOVQ(source, place)
	a.MOVQ(args.field("rows"), left)
	a.label("row")
	a.VMOVUPS_Z(operand.Mem{Base: place}, reg.K1, x)
	a.VCVTPS2PD(ymm[2], zmm[3])
	a.VEXTRACTF32X8(operand.Imm(1), x, ymm[4])
	a.VCVTPS2PD(ymm[4], zmm[4])
	a.VADDPD(zmm[3], low, low)
	a.VADDPD(zmm[4], high, high)
	a.ADDQ(pitch, place)
	a.DECQ(left)
	a.JNE(a.at("row"))
	a.VCVTPD2PS(low, ymm[0])
	a.VCVTPD2PS(high, ymm[1])
	a.VINSERTF32X8(operand.Imm(1), ymm[1], zmm[0], zmm[0])
	a.VMOVUPS(zmm[0], reg.K1, operand.Mem{Base: dst})
	a.ADDQ(operand.Imm(64), source)
	a.ADDQ(operand.Imm(64), dst)
	a.SUBQ(operand.Imm(16), n)
	a.JGT(a.at("next"))
	a.VZEROUPPER()
	a.RET()
}

// pointwise is a kernel of one or two operands.
type pointwise struct {
	name     string
	operands int
	body     func()
}

func (k pointwise) write(a *assembly, x, y reg.VecPhysical, scalars []reg.VecPhysical, zero, out reg.VecPhysical) {
	a.function(k.name)
	args := a.arguments()
	dst, n := args.load("dst"), args.load("n")
	sources := []reg.Register{args.load("x")}
	if k.operands == 2 {
		sources = append(sources, args.load("y"))
	}
	for i, s := range scalars {
		a.VBROADCASTSS(args.field("scalars", i), s)
	}
	a.VPXORD(zero, zero, zero)
	place := a.GP64()
	a.XORQ(place, place)
	at := func(base reg.Register) operand.Mem { return operand.Mem{Base: base, Index: place, Scale: 1} }
	a.SUBQ(operand.Imm(16), n)
	a.JLT(a.at("tail"))
	a.label("next")
	for i, s := range sources {
		a.VMOVUPS(at(s), []reg.VecPhysical{x, y}[i])
	}
	k.body()
	a.VMOVUPS(out, at(dst))
	a.ADDQ(operand.Imm(64), place)
	a.SUBQ(operand.Imm(16), n)
	a.JGE(a.at("next"))
	a.label("tail")
	a.ADDQ(operand.Imm(16), n)
	a.JEQ(a.at("end"))
	a.maskOf(n, reg.K1)
	for i, s := range sources {
		a.VMOVUPS_Z(at(s), reg.K1, []reg.VecPhysical{x, y}[i])
	}
	k.body()
	a.VMOVUPS(out, reg.K1, at(dst))
	a.label("end")
	a.VZEROUPPER()
	a.RET()
}

// maskOf sets the first n bits, fewer than 16.
func (a *assembly) maskOf(n reg.Register, mask reg.Register) {
	bits := a.GP32()
	a.MOVQ(n, reg.RCX)
	a.MOVL(operand.U32(1), bits)
	a.SHLL(reg.CL, bits)
	a.DECL(bits)
	a.KMOVW(bits, mask)
}

// planeSums write sums over float32 in eight lanes of float64: element i goes to lane i mod 8, and the lanes are added
// as ((0+4)+(2+6))+((1+5)+(3+7)).
func planeSums(a *assembly) {
	sum, x, y, center := zmm[0], zmm[1], zmm[2], zmm[3]
	write := func(name string, operands int, term func(add func(term reg.VecPhysical))) {
		a.function(name + "AVX512")
		args := a.arguments()
		n := args.load("n")
		sources := []reg.Register{args.load("x")}
		if operands == 2 {
			sources = append(sources, args.load("y"))
		}
		a.VBROADCASTSD(args.field("center"), center)
		a.VPXORD(sum, sum, sum)
		a.SUBQ(operand.Imm(8), n)
		a.JLT(a.at("tail"))
		a.label("next")
		for i, s := range sources {
			a.VCVTPS2PD(operand.Mem{Base: s}, []reg.VecPhysical{x, y}[i])
			a.ADDQ(operand.Imm(32), s)
		}
		term(func(term reg.VecPhysical) { a.VADDPD(term, sum, sum) })
		a.SUBQ(operand.Imm(8), n)
		a.JGE(a.at("next"))
		a.label("tail")
		a.ADDQ(operand.Imm(8), n)
		a.JEQ(a.at("end"))
		a.maskOf(n, reg.K1)
		for i, s := range sources {
			a.VCVTPS2PD_Z(operand.Mem{Base: s}, reg.K1, []reg.VecPhysical{x, y}[i])
		}
		term(func(term reg.VecPhysical) { a.VADDPD(term, sum, reg.K1, sum) })
		a.label("end")
		a.VEXTRACTF64X4(operand.Imm(1), sum, ymm[1])
		a.VADDPD(ymm[1], ymm[0], ymm[0])
		a.VEXTRACTF64X2(operand.Imm(1), ymm[0], reg.X1)
		a.VADDPD(reg.X1, reg.X0, reg.X0)
		a.VPERMILPD(operand.Imm(1), reg.X0, reg.X1)
		a.VADDSD(reg.X1, reg.X0, reg.X0)
		a.VMOVSD(reg.X0, args.field("result"))
		a.VZEROUPPER()
		a.RET()
	}
	write("planeSum", 1, func(add func(reg.VecPhysical)) { add(x) })
	write("planeDot", 2, func(add func(reg.VecPhysical)) {
		a.VMULPD(y, x, x)
		add(x)
	})
	write("planeSquares", 1, func(add func(reg.VecPhysical)) {
		a.VSUBPD(center, x, x)
		a.VMULPD(x, x, x)
		add(x)
	})
}
