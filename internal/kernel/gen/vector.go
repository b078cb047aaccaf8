package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is a kind of vector: registers and the instructions that kernels for sums of products use on them.
type vectors struct {
	name      string // ending of the kernels' names
	registers []reg.VecPhysical
	halves    []reg.VecPhysical // their lower halves
	size      int               // bytes of a vector
	element   int               // bytes of an element
	pairs     bool              // elements are two codes of 16 bits, sums int32
}

func (v vectors) lanes() int { return v.size / v.element }

var (
	zmm = []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}
	ymm = []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
		reg.Y16, reg.Y17, reg.Y18, reg.Y19, reg.Y20, reg.Y21, reg.Y22, reg.Y23, reg.Y24, reg.Y25, reg.Y26, reg.Y27, reg.Y28, reg.Y29, reg.Y30, reg.Y31,
	}
	float32x16 = vectors{"F32AVX512", zmm, ymm, 64, 4, false}
	float64x8  = vectors{"F64AVX512", zmm, ymm, 64, 8, false}
	float32x8  = vectors{"F32AVX2", ymm[:16], nil, 32, 4, false}
	float64x4  = vectors{"F64AVX2", ymm[:16], nil, 32, 8, false}
	pairsx16   = vectors{"PairsVNNI", zmm, ymm, 64, 4, true}
	pairsx8    = vectors{"PairsAVX2", ymm[:16], nil, 32, 4, true}
)

func (v vectors) zero(a *assembly, x reg.Register) {
	if v.size == 64 {
		a.VPXORD(x, x, x)
	} else {
		a.VXORPS(x, x, x)
	}
}

func (v vectors) move(a *assembly, from, to operand.Op) { a.VMOVUPS(from, to) }

func (v vectors) broadcast(a *assembly, from operand.Mem, to reg.Register) {
	if v.element == 4 {
		a.VBROADCASTSS(from, to)
	} else {
		a.VBROADCASTSD(from, to)
	}
}

// fma adds the product of x and y to sum.
func (v vectors) fma(a *assembly, x, y, sum operand.Op) {
	switch {
	case v.pairs && v.size == 64:
		a.VPDPWSSD(x, y, sum)
	case v.pairs:
		product := v.registers[len(v.registers)-1]
		a.VPMADDWD(x, y, product)
		a.VPADDD(product, sum, sum)
	case v.element == 4:
		a.VFMADD231PS(x, y, sum)
	default:
		a.VFMADD231PD(x, y, sum)
	}
}

// fmaBroadcast adds the product of y and one element in memory to sum.
func (v vectors) fmaBroadcast(a *assembly, x operand.Mem, y, sum operand.Op) {
	switch {
	case v.pairs:
		a.VPDPWSSD_BCST(x, y, sum)
	case v.element == 4:
		a.VFMADD231PS_BCST(x, y, sum)
	default:
		a.VFMADD231PD_BCST(x, y, sum)
	}
}

func (v vectors) add(a *assembly, x, y, sum operand.Op) {
	switch {
	case v.pairs:
		a.VPADDD(x, y, sum)
	case v.element == 4:
		a.VADDPS(x, y, sum)
	default:
		a.VADDPD(x, y, sum)
	}
}

// table32 puts 16 double words into the file and returns their place.
func (a *assembly) table32(name string, value func(i int) int) operand.Mem {
	place := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 16 {
		a.AppendDatum(operand.U32(uint32(value(i))))
	}
	return place
}

// table64 puts 8 quad words into the file and returns their place.
func (a *assembly) table64(name string, values [8]uint64) operand.Mem {
	place := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, v := range values {
		a.AppendDatum(operand.U64(v))
	}
	return place
}
