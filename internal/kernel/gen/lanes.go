package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is an instruction set on vectors of 32-bit elements: its free registers, and the instructions that AVX-512 and
// AVX2 do not share. Operands come in the assembler's order: the destination is last, and the first one may be in memory.
type lanes struct {
	simd
	a     *assembly
	args  arguments
	path  string // of the fields that functions name, in the arguments
	free  []reg.VecPhysical
	masks []reg.OpmaskPhysical
}

func newLanes(a *assembly, s simd, args arguments, path string) *lanes {
	return &lanes{
		simd: s, a: a, args: args, path: path, free: s.registers,
		masks: []reg.OpmaskPhysical{reg.K1, reg.K2, reg.K3, reg.K4, reg.K5, reg.K6, reg.K7},
	}
}

func (l *lanes) field(name string) operand.Mem { return l.args.field(l.path + name) }

// register takes a register into use.
func (l *lanes) register() reg.VecPhysical {
	r := l.free[0]
	l.free = l.free[1:]
	return r
}

// zeroed is a register that holds zeros.
func (l *lanes) zeroed() reg.VecPhysical {
	r := l.register()
	l.xor(r, r, r)
	return r
}

func (l *lanes) load(from operand.Mem, to reg.Register) {
	if l.wide {
		l.a.VMOVDQU32(from, to)
	} else {
		l.a.VMOVDQU(from, to)
	}
}

func (l *lanes) move(from, to reg.Register) {
	if l.wide {
		l.a.VMOVDQA32(from, to)
	} else {
		l.a.VMOVDQA(from, to)
	}
}

func (l *lanes) store(from reg.Register, to operand.Mem) {
	if l.wide {
		l.a.VMOVDQU32(from, to)
	} else {
		l.a.VMOVDQU(from, to)
	}
}

func (l *lanes) and(x, y, to operand.Op) {
	if l.wide {
		l.a.VPANDD(x, y, to)
	} else {
		l.a.VPAND(x, y, to)
	}
}

func (l *lanes) or(x, y, to operand.Op) {
	if l.wide {
		l.a.VPORD(x, y, to)
	} else {
		l.a.VPOR(x, y, to)
	}
}

func (l *lanes) xor(x, y, to operand.Op) {
	if l.wide {
		l.a.VPXORD(x, y, to)
	} else {
		l.a.VPXOR(x, y, to)
	}
}

// Bitwise functions of three vectors, as VPTERNLOGD numbers them: the destination is 0xf0, the second operand 0xcc.
const (
	orOfAnd  = 0xf0 | 0xcc&0xaa // to | y & x
	xorOfAnd = 0xcc ^ 0xf0&0xaa // y ^ to & x
)

// orAnd sets to |= x & y; spare may be changed.
func (l *lanes) orAnd(x operand.Op, y, to, spare reg.Register) {
	if l.wide {
		l.a.VPTERNLOGD(operand.Imm(orOfAnd), x, y, to)
		return
	}
	l.and(x, y, spare)
	l.or(spare, to, to)
}

// xorAnd sets to = to & x ^ y; under AVX-512, y has to be in a register.
func (l *lanes) xorAnd(x, y operand.Op, to reg.Register) {
	if l.wide {
		l.a.VPTERNLOGD(operand.Imm(xorOfAnd), x, y, to)
		return
	}
	l.and(x, to, to)
	l.xor(y, to, to)
}

// roundDown sets to = floor(x) as integers.
func (l *lanes) roundDown(x, to reg.Register) {
	if l.wide {
		l.a.VCVTPS2DQ_RD_SAE(x, to)
		return
	}
	l.a.VROUNDPS(operand.Imm(toFloor), x, to)
	l.a.VCVTPS2DQ(to, to)
}

// codes stores the low size bytes of each lane, 1 or 2; under AVX2 those above must be zero.
func (l *lanes) codes(v reg.VecPhysical, size int, spare reg.VecPhysical, to operand.Mem) {
	switch {
	case l.wide && size == 1:
		l.a.VPMOVDB(v, to)
	case l.wide:
		l.a.VPMOVDW(v, to)
	default:
		l.a.VEXTRACTI128(operand.Imm(1), v, spare.AsX())
		l.a.VPACKUSDW(spare.AsX(), v.AsX(), spare.AsX())
		if size == 2 {
			l.a.VMOVDQU(spare.AsX(), to)
			return
		}
		l.a.VPACKUSWB(spare.AsX(), spare.AsX(), spare.AsX())
		l.a.VMOVQ(spare.AsX(), to)
	}
}

// words stores the lanes as integers of 16 bits with sign.
func (l *lanes) words(v, spare reg.VecPhysical, to operand.Mem) {
	if l.wide {
		l.a.VPMOVDW(v, to)
		return
	}
	l.a.VEXTRACTI128(operand.Imm(1), v, spare.AsX())
	l.a.VPACKSSDW(spare.AsX(), v.AsX(), spare.AsX())
	l.a.VMOVDQU(spare.AsX(), to)
}

// sum adds the lanes of a count to a field of 8 bytes. It changes count and spare.
func (l *lanes) sum(count, spare reg.VecPhysical, field string) {
	a := l.a
	if l.wide {
		a.VEXTRACTI32X8(operand.Imm(1), count, spare.AsY())
		a.VPADDD(spare, count, count)
		a.VEXTRACTI32X4(operand.Imm(1), count, spare.AsX())
	} else {
		a.VEXTRACTI128(operand.Imm(1), count, spare.AsX())
	}
	a.VPADDD(spare, count, count)
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		a.VPSHUFD(operand.Imm(order), count, spare)
		a.VPADDD(spare, count, count)
	}
	word := a.GP32()
	a.VMOVD(count.AsX(), word)
	a.ADDQ(word.As64(), l.field(field))
}
