package number

import (
	"math"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

var drawPool = sync.Pool{New: func() any { return new([windowLength]uint16) }}

// byShift leaves the elements lo to hi, float32 numbers in one block with a line of QPyTorch's, to the kernels, if they
// take it: all elements are finite and lie where the shift gives them one exponent.
func (c *chunk[T]) byShift(lo, hi int, l line) bool {
	block, ok := l.(qpytorchBlock)
	exponent := block.exponent >> 23
	if !ok || !isFloat32[T]() || exponent == 0 || exponent >= qpytorchInfinite ||
		c.task.out.values == nil || c.task.clipped != nil || !c.finite && !allFinite(c.task.src[lo:hi]) {
		return false
	}
	f := c.task.format
	s := kernel.Shift{
		Base:    6 * math.Float32frombits(block.exponent),
		Most:    math.Float32frombits(block.exponent | leadingMantissa(int(f.width)-2)),
		Dropped: float32Mantissa - int(f.width),
	}
	draws := drawPool.Get().(*[windowLength]uint16)
	defer drawPool.Put(draws)
	src, dst := any(c.task.src).([]float32), any(c.task.out.values).([]float32)
	for lo < hi {
		next := hi
		var random []uint16
		if f.Stochastic() {
			next = nextMultiple(lo, hi, windowLength)
			random = draws[:next-lo]
			kernel.RandomBits(random, c.task.draw, c.task.order, c.task.start+lo)
		}
		counts := kernel.RoundShifted(dst[lo:next], src[lo:next], s, random, f.rounding.Bits())
		c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed})
		lo = next
	}
	return true
}

// float32Mantissa is the number of bits of a float32 number's mantissa in its pattern.
const float32Mantissa = 23

// qpytorchStep returns the step of a block of QPyTorch's with these elements.
func qpytorchStep[T Float](f Format, x []T) float64 {
	var most float64
	if values, is32 := any(x).([]float32); is32 {
		most = float64(math.Float32frombits(kernel.LargestBits(values)))
	} else {
		for _, v := range x {
			most = max(most, math.Abs(float64(v))) // NaN stays
		}
	}
	if most-most != 0 {
		return math.NaN()
	}
	step, _ := bfpKind{}.scale(f, 0, most)
	return step
}

// allFinite reports whether no element is NaN or infinite.
func allFinite[T Float](x []T) bool {
	if values, is32 := any(x).([]float32); is32 {
		return kernel.LargestBits(values) < 0x7f800000
	}
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
