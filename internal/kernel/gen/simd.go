package main

import "github.com/mmcloughlin/avo/reg"

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
func (s simd) half(r reg.VecPhysical) reg.VecPhysical {
	for i, other := range s.registers {
		if other == r {
			return s.halves[i]
		}
	}
	panic("not a register of " + s.name)
}
