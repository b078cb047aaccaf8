// Package round rounds float32 numbers to the values or codes of a format, to nearest, down or stochastically with the bits
// of package philox. A family of files holds each kind of format:
//
//   - linear*: grids with a step ([Grid]), one for all elements or one for each ([Steps]); fixed point and integers;
//   - shifted*: block floating point as QPyTorch rounds it, by the addition of a large number ([Shift]);
//   - minifloat*: floating point with few bits ([Minifloat]);
//   - shared*: block floating point with an exponent per row or column ([Shared]);
//   - tiles*, strided*: blocks along a row or across rows, of linear grids or minifloats with a scale each ([Tiles]).
//
// With them go the searches that find a block's exponent or a tensor's range ([MaxAbs], [Extremes], [LargestBits]). Package
// qops/number, which defines the formats, is the only one that imports this.
package round

import "github.com/halftone-go/halftone/internal/kernel/philox"

// Mode tells which of its two neighbours on a grid a value between them becomes.
type Mode uint8

// The roundings that kernels do.
const (
	NearestEven Mode = iota // the nearer; ties to the even code
	Floor                   // the lower
	Stochastic              // the upper with the probability of the distance to the lower
)

// Random says which random bits stochastic rounding takes: element i of a run is the element at the position Start+i of
// its tensor in row-major order, and uses the top Bits, 1 to 16, of its 16 random bits. Other roundings ignore it.
type Random struct {
	Draw  philox.Draw
	Order philox.Order
	Start int
	Bits  int
}

const badRandom = "round: stochastic rounding takes 1 to 16 random bits"

// checkRandom panics if the rounding needs random bits and has none.
func checkRandom(r Mode, random Random) {
	if r == Stochastic && (random.Bits < 1 || random.Bits > philox.BitsPerElement) {
		panic(badRandom)
	}
}

// usedBits returns how many of an element's random bits the rounding uses, after checkRandom.
func usedBits(r Mode, random Random) int {
	checkRandom(r, random)
	if r == Stochastic {
		return random.Bits
	}
	return 0
}
