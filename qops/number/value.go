package number

import (
	"math"
	"unsafe"
)

// isFloat32 reports whether T is float32.
func isFloat32[T Float]() bool {
	var x T
	return unsafe.Sizeof(x) == 4 // the compiler knows this for each T
}

// value returns offset * step rounded once to T, for an offset of at most 53 bits; zero is +0.
func value[T Float](offset int64, step float64) T {
	o := float64(offset)
	product := float64(o * step)
	if isFloat32[T]() && nearTie32(product) {
		product = roundToOdd(product, math.FMA(o, step, -product))
	}
	return T(product) + 0
}

// nearTie32 reports whether a float64 lies in the middle between two float32 numbers, or below their normal range:
// only there can rounding it to float32 differ from rounding the number that it was rounded from.
func nearTie32(x float64) bool {
	const dropped = 52 - 23 // bits of the significand
	return math.Float64bits(x)&(1<<dropped-1) == 1<<(dropped-1) || math.Abs(x) < 0x1p-126
}

// roundToOdd turns a float64 rounded to nearest, which lacks lost of the exact value, into the exact value rounded to
// odd: to a neighbour with an odd last bit if it is not exact. A float32 rounded from that is rounded from the exact
// value (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd",
// 2008).
func roundToOdd(nearest, lost float64) float64 {
	bits := math.Float64bits(nearest)
	if lost == 0 || bits&1 == 1 {
		return nearest
	}
	if (lost > 0) == (nearest > 0) {
		return math.Float64frombits(bits + 1)
	}
	return math.Float64frombits(bits - 1)
}
