package kernel

import "github.com/halftone-go/halftone/internal/kernel/philox"

// Rounding tells which of its two neighbours on a grid a value between them becomes.
type Rounding uint8

// The roundings that kernels do.
const (
	NearestEven Rounding = iota // the nearer; ties to the even code
	Floor                       // the lower
	Stochastic                  // the upper with the probability of the distance to the lower
)

// Random says which random bits stochastic rounding takes: element i of a run is the element at the position Start+i of
// its tensor in row-major order, and uses the top Bits, 1 to 16, of its 16 random bits. Other roundings ignore it.
type Random struct {
	Draw  philox.Draw
	Order philox.Order
	Start int
	Bits  int
}

const badRandom = "kernel: stochastic rounding takes 1 to 16 random bits"

// checkRandom panics if the rounding needs random bits and has none.
func checkRandom(r Rounding, random Random) {
	if r == Stochastic && (random.Bits < 1 || random.Bits > philox.BitsPerElement) {
		panic(badRandom)
	}
}

// usedBits returns how many of an element's random bits the rounding uses, after checkRandom.
func usedBits(r Rounding, random Random) int {
	checkRandom(r, random)
	if r == Stochastic {
		return random.Bits
	}
	return 0
}
