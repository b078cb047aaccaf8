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

// held is a field of the arguments in all lanes, in a register.
func (l *lanes) held(field string) reg.VecPhysical {
	r := l.register()
	l.a.VPBROADCASTD(l.field(field), r)
	return r
}

// constant is a field of the arguments in all lanes, where there are few registers in memory. spare is a register that
// it may change.
func (l *lanes) constant(field string, spare reg.VecPhysical) operand.Op {
	if l.wide {
		return l.held(field)
	}
	l.a.VPBROADCASTD(l.field(field), spare)
	return l.remember(spare)
}

// remember puts a vector into memory on the stack.
func (l *lanes) remember(v reg.VecPhysical) operand.Op {
	place := l.a.AllocLocal(l.size())
	l.a.VMOVDQU(v, place)
	return place
}

// all is a number in all lanes of a register.
func (l *lanes) all(value uint32) reg.VecPhysical {
	r := l.register()
	l.a.VPBROADCASTD(l.a.word(value), r)
	return r
}

// number is a number in all lanes, where there are few registers in memory. spare is a register that it may change.
func (l *lanes) number(value uint32, spare reg.VecPhysical) operand.Op {
	if l.wide {
		return l.all(value)
	}
	l.a.VPBROADCASTD(l.a.word(value), spare)
	return l.remember(spare)
}

// Operations with a field of the arguments in all lanes, for those that are not worth a register: AVX-512 broadcasts
// them from memory, AVX2 has them as constants.
type rare struct {
	field operand.Mem
	all   operand.Op // AVX2
}

func (l *lanes) rare(field string, spare reg.VecPhysical) rare {
	r := rare{field: l.field(field)}
	if !l.wide {
		r.all = l.constant(field, spare)
	}
	return r
}

func (l *lanes) addRare(x rare, to reg.Register) {
	if l.wide {
		l.a.VPADDD_BCST(x.field, to, to)
	} else {
		l.a.VPADDD(x.all, to, to)
	}
}

func (l *lanes) subtractRare(x rare, y, to reg.Register) {
	if l.wide {
		l.a.VPSUBD_BCST(x.field, y, to)
	} else {
		l.a.VPSUBD(x.all, y, to)
	}
}

func (l *lanes) andRare(x rare, to reg.Register) {
	if l.wide {
		l.a.VPANDD_BCST(x.field, to, to)
	} else {
		l.a.VPAND(x.all, to, to)
	}
}

func (l *lanes) atLeast(x rare, to reg.Register) {
	if l.wide {
		l.a.VPMAXSD_BCST(x.field, to, to)
	} else {
		l.a.VPMAXSD(x.all, to, to)
	}
}

func (l *lanes) atMost(x rare, to reg.Register) {
	if l.wide {
		l.a.VPMINSD_BCST(x.field, to, to)
	} else {
		l.a.VPMINSD(x.all, to, to)
	}
}

// putRare sets to = x where m says so.
func (l *lanes) putRare(x rare, m mask, to reg.Register) {
	if l.wide {
		l.a.VPBROADCASTD(x.field, m.k, to)
	} else {
		l.put(x.all, m, to)
	}
}

// shift is a field of the arguments as a number of bits to shift by.
func (l *lanes) shift(field string) reg.Register {
	r := l.register().AsX()
	l.a.VMOVQ(l.field(field), r)
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

// bitwise functions of three vectors, as VPTERNLOGD numbers them: the destination is 0xf0, the second operand 0xcc.
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

// xorAnd sets to = to & x ^ y; y is in a register or not at all in memory under AVX-512.
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
