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
	planeSums(a)
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
