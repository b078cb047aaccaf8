package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd is an instruction set that a kernel is written for: 16 lanes of 32 bits with masks, or 8 without.
type simd struct {
	name      string // ending of the kernels' names
	wide      bool   // AVX-512
	lanes     int    // of 32 bits
	registers []reg.VecPhysical
	halves    []reg.VecPhysical // their lower halves
}

var (
	avx512 = simd{"AVX512", true, 16, zmm, ymm}
	avx2   = simd{"AVX2", false, 8, ymm[:16], []reg.VecPhysical{
		reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7, reg.X8, reg.X9, reg.X10, reg.X11, reg.X12, reg.X13, reg.X14, reg.X15,
	}}
)

// size is the number of bytes of a vector.
func (s simd) size() int { return 4 * s.lanes }

// half is the lower half of a register.
func (s simd) half(r reg.VecPhysical) reg.VecPhysical { return s.halves[slices.Index(s.registers, r)] }

func (s simd) clear(a *assembly, r reg.VecPhysical) {
	if s.wide {
		a.VPXORD(r, r, r)
	} else {
		a.VPXOR(r, r, r)
	}
}

// Patterns of float32.
const (
	floatOne      = 0x3f800000
	floatInfinity = 0x7f800000
	floatSign     = 0x80000000
)

// horizontal combines the lanes of a vector of double words. It changes the vector and register 15.
func (a *assembly) horizontal(s simd, v reg.VecPhysical, combine func(...operand.Op)) reg.GPVirtual {
	other := avx2.registers[15]
	if s.wide {
		a.VEXTRACTI64X4(operand.Imm(1), v, other)
		v = s.half(v)
		combine(other, v, v)
	}
	low, high := avx2.half(v), avx2.half(other)
	a.VEXTRACTI128(operand.Imm(1), v, high)
	combine(high, low, low)
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		a.VPSHUFD(operand.Imm(order), low, high)
		combine(high, low, low)
	}
	word := a.GP32()
	a.VMOVD(low, word)
	return word
}

// maskPlace is where in memory a mask of 8 double words is of which the first n, at most 8, are set.
func (a *assembly) maskPlace(n reg.GPVirtual) reg.GPVirtual {
	const lanes = 8
	table := a.constant("firstLanes", slices.Concat(
		slices.Repeat([]operand.Constant{operand.U32(0xffffffff)}, lanes),
		slices.Repeat([]operand.Constant{operand.U32(0)}, lanes))...)
	place, offset := a.GP64(), a.GP64()
	a.LEAQ(table.Offset(4*lanes), place)
	a.MOVQ(n, offset)
	a.NEGQ(offset)
	a.LEAQ(operand.Mem{Base: place, Index: offset, Scale: 4}, place)
	return place
}
