package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// place returns the codes of vector i of a group. Where rounding is stochastic they are
//
//	floor(x/step + 1 + r/2^16) = 1 + floor((floor(x/step·2^bits) + r/2^(16-bits)) / 2^bits)
//
// where r has the top bits of the draw alone. Rounding the sum towards minus infinity, to float32 or float64, leaves it on
// its side of all integers; where the grid ends they are still numbers of float32.
func (l *linear) place(x reg.VecPhysical, i int) (code reg.VecPhysical) {
	a := l.a
	code = l.t[0]
	random := l.t[0]
	if l.stochastic {
		l.draw(random, i)
	}
	if l.each && !l.double {
		a.VMOVUPS(operand.Mem{Base: l.scales, Disp: i * l.s.size()}, l.scale)
	}
	switch {
	case l.double:
		l.halves(x, random, code, i)
	case l.stochastic && l.s.wide:
		a.VFMADD231PS_RD_SAE(l.scale, x, random)
		a.VRNDSCALEPS(operand.Imm(toFloor), random, code)
	case l.stochastic:
		a.VFMADD231PS(l.scale, x, random) // rounded down; see roundsDown
		a.VROUNDPS(operand.Imm(toFloor), random, code)
	default:
		a.VMULPS(l.scale, x, code)
		l.round(toNearestEven, code)
	}
	return code
}

func (l *linear) round(mode uint64, code reg.VecPhysical) {
	if l.s.wide {
		l.a.VRNDSCALEPS(operand.Imm(mode), code, code)
	} else {
		l.a.VROUNDPS(operand.Imm(mode), code, code)
	}
}

// draw makes 1 + r/2^16 from the draws of vector i of a group.
func (l *linear) draw(random reg.VecPhysical, i int) {
	a := l.a
	const mantissaBits, drawBits = 23, 16
	a.VPMOVZXWD(operand.Mem{Base: l.random, Disp: 2 * i * l.s.lanes}, random)
	a.VPSLLD(operand.Imm(mantissaBits-drawBits), random, random)
	if l.s.wide {
		const andOr = 0xea // of the third with the second, or the first
		a.VPTERNLOGD(operand.Imm(andOr), l.one, l.drawn, random)
		return
	}
	a.VPAND(l.drawn, random, random)
	a.VPOR(l.one, random, random)
}

// halves places the two halves of x in lanes of float64. Codes that do not fit float32 lie outside of the range.
func (l *linear) halves(x, random, code reg.VecPhysical, i int) {
	a, s := l.a, l.s
	wide, draw, quotient := l.t[1], l.t[2], l.t[3]
	parts := []reg.VecPhysical{l.t[4], l.t[5]}
	for h, part := range parts {
		if l.each {
			a.VMOVUPD(operand.Mem{Base: l.scales, Disp: (2*i + h) * s.size()}, l.step)
		}
		l.widen(x, h, wide)
		if l.stochastic {
			l.widen(random, h, draw)
		}
		switch {
		case l.stochastic && s.wide:
			a.VDIVPD_RD_SAE(l.step, wide, quotient)
			a.VADDPD_RD_SAE(draw, quotient, quotient)
			a.VRNDSCALEPD(operand.Imm(toFloor), quotient, quotient)
		case l.stochastic:
			l.floorOfSum(wide, draw, quotient)
		case s.wide:
			l.divideToOdd(wide, quotient)
			a.VRNDSCALEPD(operand.Imm(toNearestEven), quotient, quotient)
		default:
			l.divideToOdd(wide, quotient)
			a.VROUNDPD(operand.Imm(toNearestEven), quotient, quotient)
		}
		l.narrow(quotient, part)
	}
	l.join(parts, code)
}

// widen turns half h of a vector of float32 into float64.
func (l *linear) widen(from reg.VecPhysical, h int, to reg.VecPhysical) {
	a, s := l.a, l.s
	switch {
	case h == 0:
		a.VCVTPS2PD(s.half(from), to)
		return
	case s.wide:
		a.VEXTRACTF32X8(operand.Imm(1), from, s.half(to))
	default:
		a.VEXTRACTF128(operand.Imm(1), from, s.half(to))
	}
	a.VCVTPS2PD(s.half(to), to)
}

// narrow turns a vector of float64 into half a vector of float32.
func (l *linear) narrow(from, to reg.VecPhysical) {
	if l.s.wide {
		l.a.VCVTPD2PS(from, l.s.half(to))
	} else {
		l.a.VCVTPD2PSY(from, l.s.half(to))
	}
}

// join puts two halves together.
func (l *linear) join(parts []reg.VecPhysical, to reg.VecPhysical) {
	if l.s.wide {
		l.a.VINSERTF32X8(operand.Imm(1), l.s.half(parts[1]), parts[0], to)
	} else {
		l.a.VINSERTF128(operand.Imm(1), l.s.half(parts[1]), parts[0], to)
	}
}

// divideToOdd sets quotient to x/step rounded to odd: it is on the same side as the exact quotient of all integers, and
// of what lies half way between them.
func (l *linear) divideToOdd(x, quotient reg.VecPhysical) {
	if l.s.wide {
		l.a.VDIVPD_RZ_SAE(l.step, x, quotient)
	} else {
		l.a.VDIVPD(l.step, x, quotient)
	}
	l.a.VFNMADD231PD(quotient, l.step, x) // the remainder
	l.toOdd(quotient, x)
}

// toOdd rounds numbers to odd: those that are not exact get an odd last bit. They were rounded towards zero, or, of AVX2,
// to the nearest: then they lie one too far from zero if they and what they lack have different signs. Infinities, which
// lack NaN, stay.
func (l *linear) toOdd(number, lacks reg.VecPhysical) {
	a := l.a
	if l.s.wide {
		a.VCMPPD(operand.Imm(orderedNotEqual), l.zero, lacks, reg.K2)
		a.VPORQ(a.lowest(), number, reg.K2, number)
		return
	}
	inexact, away := l.t[0], l.t[6]
	a.VXORPD(inexact, inexact, inexact)
	a.VCMPPD(operand.Imm(orderedNotEqual), inexact, lacks, inexact)
	a.VPSRLQ(operand.Imm(63), inexact, inexact)
	a.VXORPD(number, lacks, away)
	a.VPSRLQ(operand.Imm(63), away, away)
	a.VPAND(inexact, away, away)
	a.VPSUBQ(away, number, number)
	a.VPOR(inexact, number, number)
}

func (l *linear) broadcast64(value float64, to reg.VecPhysical) {
	l.a.VBROADCASTSD(l.a.doubles(value), to)
}

// floorOfSum sets quotient to the floor of x/step + draw, exactly: what the nearest quotient and sum give is right or one
// too much, as (code - draw)·step > x tells.
func (l *linear) floorOfSum(x, draw, quotient reg.VecPhysical) {
	a := l.a
	tooMuch := l.t[6]
	a.VDIVPD(l.step, x, quotient)
	a.VADDPD(draw, quotient, quotient)
	a.VROUNDPD(operand.Imm(toFloor), quotient, quotient)
	a.VSUBPD(draw, quotient, draw)
	a.VFNMADD231PD(draw, l.step, x)
	a.VXORPD(tooMuch, tooMuch, tooMuch)
	a.VCMPPD(operand.Imm(less), tooMuch, x, tooMuch)
	a.VANDPD(a.doubles(1), tooMuch, tooMuch)
	a.VSUBPD(tooMuch, quotient, quotient)
}
