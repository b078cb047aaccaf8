package number

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// byShift leaves the elements lo to hi, float32 numbers in the cell's block of QPyTorch's, to the kernels, if they take it:
// all elements are finite and lie where the shift gives them one exponent.
func (c *chunk[T]) byShift(lo, hi int) bool {
	if c.cell.line != line(&c.shifted) || !isFloat32[T]() || c.task.out.values == nil {
		return false
	}
	exponent := c.shifted.exponent >> 23
	if exponent == 0 || exponent >= qpytorchInfinite || c.task.foreign && !allFinite(c.task.src[lo:hi]) {
		return false
	}
	f := c.task.format
	s := round.Shift{
		Base:    6 * math.Float32frombits(c.shifted.exponent),
		Most:    math.Float32frombits(c.shifted.exponent | leadingMantissa(int(f.width)-2)),
		Dropped: float32Mantissa - int(f.width),
	}
	src, dst := any(c.task.src).([]float32), any(c.task.out.values).([]float32)
	for lo < hi {
		next := nextMultiple(lo, hi, windowLength)
		c.keep(lo, next)
		var random []uint16
		if f.Stochastic() {
			random = c.window.bits(lo, next)
		}
		counts := round.Shifted(dst[lo:next], src[lo:next], s, random, f.rounding.Bits())
		c.count(lo, next, counts)
		lo = next
	}
	return true
}

// float32Mantissa is the number of bits of a float32 number's mantissa in its pattern.
const float32Mantissa = 23

// allFinite reports whether no element is NaN or infinite.
func allFinite[T Float](x []T) bool {
	if values, is32 := any(x).([]float32); is32 {
		return round.LargestBits(values) < 0x7f800000
	}
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
