package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mask is a truth value for each lane.
type mask struct {
	k reg.OpmaskPhysical // AVX-512
	v reg.VecPhysical    // AVX2: all bits
}

func (l *lanes) mask() (m mask) {
	if l.wide {
		m.k, l.masks = l.masks[0], l.masks[1:]
	} else {
		m.v = l.register()
	}
	return m
}

// greater sets m = y > x, as integers with sign.
func (l *lanes) greater(x operand.Op, y reg.Register, m mask) {
	if l.wide {
		l.a.VPCMPGTD(x, y, m.k)
	} else {
		l.a.VPCMPGTD(x, y, m.v)
	}
}

// different sets m = y != x.
func (l *lanes) different(x, y, zero reg.Register, m mask) {
	if l.wide {
		l.a.VPCMPD(operand.Imm(notEqual), x, y, m.k)
		return
	}
	l.a.VPCMPEQD(x, y, m.v)
	l.a.VPCMPEQD(zero, m.v, m.v)
}

// lost sets m where y is zero and x is not. spare may be changed.
func (l *lanes) lost(x, y, zero reg.Register, m mask, spare reg.Register) {
	if l.wide {
		l.a.VPTESTNMD(y, y, m.k)
		l.a.VPTESTMD(x, x, m.k, m.k)
		return
	}
	l.a.VPCMPEQD(zero, x, spare)
	l.a.VPCMPEQD(zero, y, m.v)
	l.a.VPANDN(m.v, spare, m.v)
}

// outside sets m where x is neither zero nor among the span+1 numbers, without sign, from least on. It changes spare.
func (l *lanes) outside(x reg.Register, least, span rare, zero, spare reg.Register, m mask) {
	l.subtractRare(least, x, spare)
	if l.wide {
		const greater = 6
		l.a.VPCMPUD_BCST(operand.Imm(greater), span.field, spare, m.k)
		l.a.VPTESTMD(x, x, m.k, m.k)
		return
	}
	l.a.VPMINUD(span.all, spare, m.v)
	l.a.VPCMPEQD(spare, m.v, m.v) // in the span
	l.a.VPCMPEQD(zero, x, spare)
	l.a.VPOR(spare, m.v, m.v)
	l.a.VPCMPEQD(zero, m.v, m.v)
}

// isZero sets m where x is zero.
func (l *lanes) isZero(x, zero reg.Register, m mask) {
	if l.wide {
		l.a.VPTESTNMD(x, x, m.k)
	} else {
		l.a.VPCMPEQD(zero, x, m.v)
	}
}

// tally adds 1 to the lanes of a count where m says so. one is a vector of ones (AVX-512).
func (l *lanes) tally(m mask, one operand.Op, count reg.Register) {
	if l.wide {
		l.a.VPADDD(one, count, m.k, count)
	} else {
		l.a.VPSUBD(m.v, count, count)
	}
}

// put sets to = x where m says so.
func (l *lanes) put(x operand.Op, m mask, to reg.Register) {
	if l.wide {
		l.a.VMOVDQA32(x, m.k, to)
	} else {
		l.a.VBLENDVPS(m.v, x, to, to)
	}
}

// jumpIfAny jumps if m is true in any lane.
func (l *lanes) jumpIfAny(m mask, to operand.Op) {
	if l.wide {
		l.a.KORTESTW(m.k, m.k)
	} else {
		l.a.VPTEST(m.v, m.v)
	}
	l.a.JNE(to)
}
