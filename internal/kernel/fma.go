package kernel

import "math"

const (
	// halfUnit32 is the pattern of a float64's low 29 bits that lies halfway between two normal float32 numbers.
	halfUnit32 = 1 << 28
	lowBits32  = 1<<29 - 1
	// minNormal32 is the bit pattern of 2^-126, the least normal float32 number, as a float64.
	minNormal32 = uint64(1023-126) << 52
)

// nearTie32 reports whether rounding s to float32 may need to know how s was rounded itself: s looks like halfway
// between two float32 numbers, or is subnormal there.
func nearTie32(s float64) bool {
	bits := math.Float64bits(s)
	return bits&lowBits32 == halfUnit32 || bits&^(1<<63) < minNormal32
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

// fmaRow sets sum[i] to x[i]·y + sum[i], each with one rounding to the element type.
func fmaRow[T Float](sum, x []T, y T) {
	if x32, ok := sameType[float32](x); ok {
		sum32, _ := sameType[float32](sum)
		fmaRow32(sum32, x32, float64(y))
		return
	}
	sum = sum[:len(x)]
	for i, v := range x {
		sum[i] = T(math.FMA(float64(v), float64(y), float64(sum[i])))
	}
}

// fmaRow32 is fmaRow of float32. The product of two float32 numbers is exact in float64. Its sum with z is rounded to odd
// there (an inexact sum takes the neighbour with odd mantissa), which keeps enough of what was lost for the rounding to
// float32 to be right (Boldo and Melquiond, 2008). Rounding the sum to nearest twice is wrong when the first lands between
// two float32 numbers.
func fmaRow32(sum, x []float32, y float64) {
	sum = sum[:len(x)]
	for i, v := range x {
		p, z := float64(float64(v)*y), float64(sum[i])
		s := p + z
		if nearTie32(s) {
			s = roundToOdd(p, z, s)
		}
		sum[i] = float32(s)
	}
}
