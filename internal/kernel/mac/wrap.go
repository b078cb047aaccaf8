package mac

import (
	"math"
	"unsafe"
)

// MaxWrapWidth is the greatest width of sums that WrapSums wraps.
const MaxWrapWidth = 32

// WrapsStep reports whether WrapSums and AddSums take the step: a power of two that has an inverse in float32.
func WrapsStep(step float32) bool {
	fraction, exponent := math.Frexp(float64(step))
	return fraction == 0.5 && exponent-1 > float32Least && exponent-1 < -float32Least
}

// wrapArgs are the arguments of the kernels for sums: whole numbers of steps, of magnitudes up to 2^24.
type wrapArgs struct {
	sums, totals  unsafe.Pointer
	n             int // a multiple of 16
	shift         int // bits of 32 above the width
	inverse, step float32
}

// WrapSums replaces sums, whole numbers of steps of magnitudes up to 2^24, by what is left in a two's complement register
// of width bits.
func WrapSums(sums []float32, step float32, width int) {
	done := 0
	if n := len(sums) &^ 15; n > 0 && wrapKernel(&wrapArgs{sums: unsafe.Pointer(&sums[0]), n: n, shift: 32 - width, inverse: 1 / step, step: step}) {
		done = n
	}
	shift := 32 - width
	for i, x := range sums[done:] {
		sums[done+i] = float32(int32(x/step)<<shift>>shift) * step
	}
}

// AddSums adds sums, as WrapSums takes them, to totals in units of the step, which wrap at 32 bits.
func AddSums(totals []int32, sums []float32, step float32) {
	if len(totals) != len(sums) {
		panic(badLength)
	}
	done := 0
	if n := len(sums) &^ 15; n > 0 && addSumsKernel(&wrapArgs{sums: unsafe.Pointer(&sums[0]), totals: unsafe.Pointer(&totals[0]), n: n, inverse: 1 / step}) {
		done = n
	}
	for i, x := range sums[done:] {
		totals[done+i] += int32(x / step)
	}
}
