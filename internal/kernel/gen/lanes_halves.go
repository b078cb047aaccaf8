package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fold sets m to the larger ones of the lanes of the lower and of the upper half of x, in the lower half of m, and of y
// in its upper half.
func (l *lanes) fold(x, y, m, spare reg.Register) {
	if l.wide {
		l.a.VSHUFI64X2(operand.Imm(0x44), y, x, m)
		l.a.VSHUFI64X2(operand.Imm(0xee), y, x, spare)
	} else {
		l.a.VPERM2I128(operand.Imm(0x20), y, x, m)
		l.a.VPERM2I128(operand.Imm(0x31), y, x, spare)
	}
	l.a.VPMAXUD(spare, m, m)
}

// foldHalves sets all lanes of each half of m to the largest one there.
func (l *lanes) foldHalves(m, spare reg.Register) {
	if l.wide {
		l.a.VSHUFI64X2(operand.Imm(0xb1), m, m, spare)
		l.a.VPMAXUD(spare, m, m)
	}
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		l.a.VPSHUFD(operand.Imm(order), m, spare)
		l.a.VPMAXUD(spare, m, m)
	}
}

// swapHalves sets to to x with its halves exchanged.
func (l *lanes) swapHalves(x, to reg.Register) {
	if l.wide {
		l.a.VSHUFI64X2(operand.Imm(0x4e), x, x, to)
	} else {
		l.a.VPERMQ(operand.Imm(0x4e), x, to)
	}
}

// spread sets both halves of to to a half of x, 0 the lower.
func (l *lanes) spread(half int, x, to reg.Register) {
	if l.wide {
		l.a.VSHUFI64X2(operand.Imm([]uint64{0x44, 0xee}[half]), x, x, to)
	} else {
		l.a.VPERM2I128(operand.Imm([]uint64{0x00, 0x11}[half]), x, x, to)
	}
}

// first moves the first lane of a half of x to a register. It changes spare.
func (l *lanes) first(half int, x, spare reg.VecPhysical, to reg.Register) {
	switch {
	case half == 0:
		spare = x
	case l.wide:
		l.a.VEXTRACTI32X4(operand.Imm(2), x, spare.AsX())
	default:
		l.a.VEXTRACTI128(operand.Imm(1), x, spare.AsX())
	}
	l.a.VMOVD(spare.AsX(), to)
}
