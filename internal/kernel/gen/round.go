package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func rounds(a *assembly) {
	newRounding(a, "roundNearestAVX512").write(func(r *rounding, _ bool) {
		a.VRNDSCALEPS(operand.Imm(toNearestEven), r.x, r.code)
	})
	newRounding(a, "roundFloorAVX512").write(func(r *rounding, _ bool) {
		a.VRNDSCALEPS(operand.Imm(toFloor), r.x, r.code)
	})
	stochastic := newRounding(a, "roundStochasticAVX512")
	stochastic.loadRandom()
	stochastic.write((*rounding).stochastic)
}

// What VFPCLASSPS calls NaN (quiet and signalling) and infinities.
const (
	classNaN      = 0x01 | 0x80
	classInfinity = 0x08 | 0x10
)

// Modes of VRNDSCALEPS, without exceptions.
const (
	toNearestEven = 8
	toFloor       = 9
)

// Predicates of VCMPPS.
const (
	equal        = 0
	notEqual     = 4
	greaterEqual = 13
)

const floatOne = 0x3f800000

// rounding is a kernel that sets dst[i] = clamp(code, lo, hi)·step, and the registers it works in.
type rounding struct {
	a    *assembly
	args arguments

	dst, src, n          reg.GPVirtual
	scale, lo, hi, step  reg.VecPhysical
	zero, one            reg.VecPhysical // one is an integer
	clipped, underflowed reg.VecPhysical // counts in each lane
	value, x, code, kept reg.VecPhysical // source, scaled source, code before and after clamping
	lanes                reg.OpmaskPhysical
	class, isZero, carry reg.OpmaskPhysical
	random               reg.GPVirtual
	unit, inverseUnit    reg.VecPhysical // 2^bits and its inverse
	floatOne, n1, bits   reg.VecPhysical
	unused               reg.Register // how many of the 16 bits are dropped
}

func newRounding(a *assembly, name string) *rounding {
	a.function(name)
	args := a.arguments()
	r := &rounding{
		a: a, args: args, dst: args.load("dst"), src: args.load("src"), n: args.load("n"),
		scale: zmm[0], lo: zmm[1], hi: zmm[2], step: zmm[3], zero: zmm[4], one: zmm[5], clipped: zmm[6], underflowed: zmm[7],
		value: zmm[8], x: zmm[9], code: zmm[10], kept: zmm[11], unit: zmm[12], inverseUnit: zmm[13], floatOne: zmm[14], n1: zmm[15], bits: zmm[16],
		lanes: reg.K1, class: reg.K2, isZero: reg.K3, carry: reg.K4, unused: reg.X17,
	}
	a.VBROADCASTSS(args.field("scale"), r.scale)
	a.VBROADCASTSS(args.field("lo"), r.lo)
	a.VBROADCASTSS(args.field("hi"), r.hi)
	a.VBROADCASTSS(args.field("step"), r.step)
	for _, v := range []reg.VecPhysical{r.zero, r.clipped, r.underflowed} {
		a.VPXORD(v, v, v)
	}
	r.broadcast(1, r.one)
	return r
}

func (r *rounding) broadcast(value uint32, to reg.VecPhysical) {
	word := r.a.GP32()
	r.a.MOVL(operand.U32(value), word)
	r.a.VPBROADCASTD(word, to)
}

func (r *rounding) loadRandom() {
	r.random = r.args.load("random")
	r.a.VBROADCASTSS(r.args.field("unit"), r.unit)
	r.a.VBROADCASTSS(r.args.field("inverseUnit"), r.inverseUnit)
	r.a.VMOVQ(r.args.field("unused"), r.unused)
	r.broadcast(floatOne, r.floatOne)
}

// stochastic turns x, which counts units of 2^-bits steps, into a code. With n = floor(x) and i = floor(n·2^-bits) it is
// i + 1 if what n is above i·2^bits, and the random bits, reach 2^bits together. All of these are float32 numbers.
func (r *rounding) stochastic(tail bool) {
	a := r.a
	a.VRNDSCALEPS(operand.Imm(toFloor), r.x, r.n1)
	a.VMULPS(r.inverseUnit, r.n1, r.code)
	a.VRNDSCALEPS(operand.Imm(toFloor), r.code, r.code)
	a.VFNMADD231PS(r.unit, r.code, r.n1)
	if tail {
		a.VMOVDQU16_Z(operand.Mem{Base: r.random}, r.lanes, ymm[16])
		a.VPMOVZXWD(ymm[16], r.bits)
	} else {
		a.VPMOVZXWD(operand.Mem{Base: r.random}, r.bits)
		a.ADDQ(operand.Imm(32), r.random)
	}
	a.VPSRLD(r.unused, r.bits, r.bits)
	a.VCVTDQ2PS(r.bits, r.bits)
	a.VADDPS(r.bits, r.n1, r.n1)
	a.VCMPPS(operand.Imm(greaterEqual), r.unit, r.n1, r.carry)
	a.VADDPS(r.floatOne, r.code, r.carry, r.code)
}

// write writes the loop over the elements.
func (r *rounding) write(code func(r *rounding, tail bool)) {
	a := r.a
	a.SUBQ(operand.Imm(16), r.n)
	a.JLT(a.at("tail"))
	a.label("next")
	a.VMOVUPS(operand.Mem{Base: r.src}, r.value)
	r.vector(code, false)
	a.VMOVUPS(r.kept, operand.Mem{Base: r.dst})
	a.ADDQ(operand.Imm(64), r.src)
	a.ADDQ(operand.Imm(64), r.dst)
	a.SUBQ(operand.Imm(16), r.n)
	a.JGE(a.at("next"))

	// Fewer than 16 are left: the other lanes hold zeros, which count for nothing.
	a.label("tail")
	a.ADDQ(operand.Imm(16), r.n)
	a.JEQ(a.at("end"))
	a.maskOf(r.n, r.lanes)
	a.VMOVUPS_Z(operand.Mem{Base: r.src}, r.lanes, r.value)
	r.vector(code, true)
	a.VMOVUPS(r.kept, r.lanes, operand.Mem{Base: r.dst})
	a.label("end")
	r.store(r.clipped, "clipped")
	r.store(r.underflowed, "underflowed")
	a.VZEROUPPER()
	a.RET()
}

// vector rounds the 16 values.
func (r *rounding) vector(code func(r *rounding, tail bool), tail bool) {
	a := r.a
	finite := "finite"
	if tail {
		finite = "tailfinite"
	}
	a.VFPCLASSPSZ(operand.Imm(classNaN|classInfinity), r.value, r.class)
	a.KORTESTW(r.class, r.class)
	a.JEQ(a.at(finite))
	r.tally(classInfinity, "infinite")
	r.tally(classNaN, "nan")
	a.KNOTW(r.class, r.class)
	a.VMOVAPS_Z(r.value, r.class, r.value) // NaN becomes zero
	a.label(finite)
	a.VMOVAPS(r.value, r.x)
	a.VFMADD213PS(r.zero, r.scale, r.x) // + 0: no negative zero
	code(r, tail)
	a.VMINPS(r.hi, r.code, r.kept)
	a.VMAXPS(r.lo, r.kept, r.kept)
	a.VCMPPS(operand.Imm(notEqual), r.kept, r.code, r.class)
	a.VPADDD(r.one, r.clipped, r.class, r.clipped)
	a.VCMPPS(operand.Imm(equal), r.zero, r.code, r.isZero)
	a.VCMPPS(operand.Imm(notEqual), r.zero, r.value, r.isZero, r.isZero)
	a.VPADDD(r.one, r.underflowed, r.isZero, r.underflowed)
	a.VFMADD213PS(r.zero, r.step, r.kept)
}

// tally adds the number of values of a class to a field, and leaves their lanes in class.
func (r *rounding) tally(class uint64, field string) {
	word := r.a.GP32()
	r.a.VFPCLASSPSZ(operand.Imm(class), r.value, r.class)
	r.a.KMOVW(r.class, word)
	r.a.POPCNTL(word, word)
	r.a.ADDQ(word.As64(), r.args.field(field))
}

// store writes the sum of a count's lanes to a field.
func (r *rounding) store(count reg.VecPhysical, field string) {
	a := r.a
	other, low := zmm[16], ymm[16]
	a.VEXTRACTI32X8(operand.Imm(1), count, low)
	a.VPADDD(other, count, count)
	a.VEXTRACTI32X4(operand.Imm(1), count, reg.X16)
	a.VPADDD(other, count, count)
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		a.VPSHUFD(operand.Imm(order), count, other)
		a.VPADDD(other, count, count)
	}
	word := a.GP32()
	a.VMOVD(map[reg.VecPhysical]reg.VecPhysical{zmm[6]: reg.X6, zmm[7]: reg.X7}[count], word)
	a.MOVQ(word.As64(), r.args.field(field))
}
