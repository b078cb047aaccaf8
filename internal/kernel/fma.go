package kernel

import (
	"math"
	"unsafe"
)

const (
	// halfUnit32 is the pattern of a float64's low 29 bits that lies halfway between two normal float32 numbers.
	halfUnit32 = 1 << 28
	lowBits32  = 1<<29 - 1
	// minNormal32 is the bit pattern of 2^-126, the least normal float32 number, as a float64.
	minNormal32 = uint64(1023-126) << 52
)

// FMA32 returns x·y + z with one rounding to float32, as the processor's instruction does.
//
// The product of two float32 numbers is exact in float64. Its sum with z is rounded to odd in float64 (an inexact sum
// takes the neighbour with odd mantissa), which keeps enough of what was lost for the rounding to float32 to be right
// (Boldo and Melquiond, 2008). Rounding the sum to nearest twice is wrong when the first lands between two float32
// numbers.
func FMA32(x, y, z float32) float32 {
	p := float64(float64(x) * float64(y))
	s := p + float64(z)
	bits := math.Float64bits(s)
	if bits&lowBits32 != halfUnit32 && bits&^(1<<63) >= minNormal32 {
		return float32(s) // not near a tie: the second rounding decides alone
	}
	return float32(roundToOdd(p, float64(z), s))
}

// roundToOdd turns s, the sum p+z rounded to nearest even, into the sum rounded to odd.
func roundToOdd(p, z, s float64) float64 {
	v := s - p
	lost := (p - (s - v)) + (z - v) // exact (Knuth's two-sum); NaN if s is not finite
	bits := math.Float64bits(s)
	if lost == 0 || lost != lost || bits&1 == 1 {
		return s
	}
	if (lost > 0) == (s > 0) {
		bits++ // away from zero
	} else {
		bits--
	}
	return math.Float64frombits(bits)
}

// fma returns x·y + z with one rounding to the element type.
func fma[T Float](x, y, z T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(FMA32(float32(x), float32(y), float32(z)))
	}
	return T(math.FMA(float64(x), float64(y), float64(z)))
}
