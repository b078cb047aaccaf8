package round

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// edgeRun is a run that takes kernels through all their loops.
const edgeRun = 300

// Quotients that float64 rounds to a tie or to an integer are told from these by their remainders.
func TestRoundingNearTiesOfScaledGrids(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(19, 20))
		for i := range 60 {
			x := float32(rng.NormFloat64())
			whole := float64(rng.IntN(200) + 1)
			c := roundings[i%len(roundings)]
			for _, quotient := range []float64{whole + 0.5, whole, whole + 0.25, whole + 1.0/(1<<16)} {
				g := Grid{math.Abs(float64(x) / quotient), 0, -1000, 1000}
				checkRounding(t, rng, slices.Repeat([]float32{x, -x, -x}, 15+rng.IntN(edgeRun)), g, c)
			}
		}
	})
}

// Products that float64 rounds to the middle between two float32 numbers are told from it by what they lack.
func TestRoundingToProductsNearTies(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(41, 42))
		for i := range 60 {
			middle := float64(1<<24 + 2*rng.IntN(1<<23) + 1) // 25 bits
			code := float64(2*rng.IntN(60) + 3)
			g := Grid{middle / code, 0, -128, 127}
			x := float32(middle)
			checkRounding(t, rng, slices.Repeat([]float32{x, -x, -x}, 15+rng.IntN(edgeRun)), g, roundings[i%len(roundings)])
		}
	})
}

// Elements whose quotients and draws reach the next code, or miss it by the least that float32 has.
func TestRoundingWhereDrawsJustReach(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(43, 44))
		for _, step := range []float64{0x1p-5, 0x1p40, 0x1p-120, float64(float32(0.1)), 0.037} {
			g := Grid{step, 0, -128, 127}
			for _, c := range roundings[1:] {
				src := make([]float32, 2*edgeRun+rng.IntN(edgeRun))
				random, draws := randomFor(rng, len(src), c.bits)
				for i := range src {
					r := float64(draws[i]>>(16-c.bits)) / float64(int(1)<<c.bits)
					x := float32((float64(rng.IntN(5)-2) - r) * step)
					switch rng.IntN(3) {
					case 0:
						x = math.Nextafter32(x, float32(math.Inf(-1)))
					case 1:
						x = math.Nextafter32(x, float32(math.Inf(1)))
					}
					src[i] = x
				}
				checkRoundingWith(t, rng, src, g, c, random, draws)
			}
		}
	})
}
