package optimizers

import (
	"math/bits"

	"github.com/halftone-go/halftone/qops/number"
)

// Choose returns a number in 0..n-1 that is a function of the draw and the index: the high word of n times a word of 64
// random bits, elements 4*index to 4*index+3 of the draw, the first lowest. No number is more likely than another by more
// than n/2^64.
func Choose(draw number.Draw, index uint64, n int) int {
	var word uint64
	for k := range uint64(4) {
		word |= uint64(draw.Bits(4*index+k)) << (16 * k)
	}
	high, _ := bits.Mul64(word, uint64(n))
	return int(high)
}
