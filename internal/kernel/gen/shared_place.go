package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// setExponent sets what depends on the exponent, which stands in its place of a float32. It changes nothing else.
func (k *shared) setExponent(exponent reg.VecPhysical) {
	a := k.a
	load := func(field string, to reg.VecPhysical) { a.VPBROADCASTD(k.args.field(field), to) }
	if k.shifted {
		load("shift", k.base)
		a.VPADDD(exponent, k.base, k.base)
		load("leading", k.most)
		a.VPADDD(exponent, k.most, k.most)
		a.VPBROADCASTD(a.word(floatSign), k.least)
		if k.s.wide {
			a.VPORD(k.most, k.least, k.least)
		} else {
			a.VPOR(k.most, k.least, k.least)
		}
		return
	}
	load("scale", k.scale)
	a.VPSUBD(exponent, k.scale, k.scale)
	if k.down() {
		load("opposite", k.step) // see store
	} else {
		load("step", k.step)
	}
	a.VPADDD(exponent, k.step, k.step)
}

// vector rounds a vector of elements.
func (k *shared) vector(rest bool) {
	a := k.a
	if k.columns {
		if rest { // lanes that are none have an exponent, too
			k.loadRest(operand.Mem{Base: k.exponents}, k.t)
			a.VPBROADCASTD(k.args.field("lowest"), k.other)
			a.VPMAXUD(k.other, k.t, k.t)
		} else {
			k.s.load(a, operand.Mem{Base: k.exponents}, k.t)
		}
		k.setExponent(k.t)
	}
	if rest {
		k.loadRest(operand.Mem{Base: k.src}, k.x)
	} else {
		a.VMOVUPS(operand.Mem{Base: k.src}, k.x)
	}
	if k.stochastic {
		a.VPMOVZXWD(operand.Mem{Base: k.random}, k.other)
	}
	zero := k.zero // as a code
	if k.shifted {
		k.shift()
		a.VMINPS(k.most, k.t, k.kept)
		a.VMAXPS(k.least, k.kept, k.kept)
	} else {
		k.place()
		a.VMINPS(k.hi, k.t, k.kept)
		a.VMAXPS(k.lo, k.kept, k.kept)
		if k.stochastic {
			zero = k.origin
		}
	}
	k.tally(zero)
	k.store(rest)
}

// shift sets t to the value, if it is within the range.
func (k *shared) shift() {
	a := k.a
	a.VADDPS(k.base, k.x, k.t)
	if k.stochastic {
		k.s.and(a, k.added, k.other, k.other)
		a.VPSLLD(k.left, k.other, k.other)
		a.VPSRLD(k.right, k.other, k.other)
		a.VPADDD(k.other, k.t, k.t)
	} else {
		a.VPADDD(k.added, k.t, k.t)
	}
	k.s.and(a, k.cut, k.t, k.t)
	a.VSUBPS(k.base, k.t, k.t)
}

// place sets t to the code, or the code plus 1; see linear.place.
func (k *shared) place() {
	a := k.a
	switch {
	case !k.stochastic && k.s.wide:
		a.VMULPS(k.scale, k.x, k.t)
		a.VRNDSCALEPS(operand.Imm(toNearestEven), k.t, k.t)
		return
	case !k.stochastic:
		a.VMULPS(k.scale, k.x, k.t)
		a.VROUNDPS(operand.Imm(toNearestEven), k.t, k.t)
		return
	}
	const mantissaBits, drawBits = 23, 16
	a.VPSLLD(operand.Imm(mantissaBits-drawBits), k.other, k.other)
	if k.s.wide {
		const andOr = 0xea // of the third with the second, or the first
		a.VPTERNLOGD(operand.Imm(andOr), k.origin, k.drawn, k.other)
		a.VFMADD231PS_RD_SAE(k.scale, k.x, k.other)
		a.VRNDSCALEPS(operand.Imm(toFloor), k.other, k.t)
		return
	}
	a.VPAND(k.drawn, k.other, k.other)
	a.VPOR(k.origin, k.other, k.other)
	a.VFMADD231PS(k.scale, k.x, k.other) // rounded down
	a.VROUNDPS(operand.Imm(toFloor), k.other, k.t)
}

// tally counts what kept has lost of t, and what has become zero.
func (k *shared) tally(zero reg.VecPhysical) {
	a := k.a
	if k.s.wide {
		a.VCMPPS(operand.Imm(notEqual), k.kept, k.t, reg.K2)
		a.VCMPPS(operand.Imm(equal), zero, k.t, reg.K3)
		a.VPADDD(k.one, k.clipped, reg.K2, k.clipped)
		a.VCMPPS(operand.Imm(notEqual), k.zero, k.x, reg.K3, reg.K3)
		a.VPADDD(k.one, k.underflowed, reg.K3, k.underflowed)
		return
	}
	a.VCMPPS(operand.Imm(notEqual), k.kept, k.t, k.other)
	a.VPSUBD(k.other, k.clipped, k.clipped)
	a.VCMPPS(operand.Imm(equal), zero, k.t, k.t)
	a.VCMPPS(operand.Imm(notEqual), k.zero, k.x, k.other)
	a.VPAND(k.t, k.other, k.other)
	a.VPSUBD(k.other, k.underflowed, k.underflowed)
}

// store turns kept into values, none of them -0, and stores them.
func (k *shared) store(rest bool) {
	a := k.a
	switch {
	case k.shifted: // a difference of equal numbers is +0
	case k.down(): // a difference that is zero is -0 then, and its product with the step's opposite 0
		a.VSUBPS(k.kept, k.origin, k.kept)
		a.VMULPS(k.step, k.kept, k.kept)
	case k.stochastic:
		a.VFMSUB213PS(k.step, k.step, k.kept)
	default:
		a.VFMADD213PS(k.zero, k.step, k.kept)
	}
	to := operand.Mem{Base: k.dst}
	switch {
	case !rest:
		a.VMOVUPS(k.kept, to)
	case k.s.wide:
		a.VMOVUPS(k.kept, reg.K1, to)
	default:
		a.VMOVDQU(operand.Mem{Base: k.mask}, k.t)
		a.VMASKMOVPS(k.kept, k.t, to)
	}
}
