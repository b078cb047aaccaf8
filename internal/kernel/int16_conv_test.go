package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// newCoded16 is newCoded with codes of 16 bits, at most so large.
func newCoded16(rng *rand.Rand, blocks, n, most int) coded {
	c := coded{codes: make([]int, n), exponents: make([]int, blocks), values: make([]float32, n+3)[3:]}
	for i := range c.exponents {
		c.exponents[i] = rng.IntN(20) - 30
	}
	extremes, lowest := rng.IntN(2) == 0, max(-most-1, -1<<15)
	for i := range c.codes {
		c.codes[i] = lowest + rng.IntN(most-lowest+1)
		if extremes {
			c.codes[i] = []int{lowest, most}[rng.IntN(2)]
		}
		c.values[i] = float32(math.Ldexp(float64(c.codes[i]), c.exponents[i/(n/blocks)]))
	}
	return c
}

// int16Case is a convolution whose sums of so many terms int32 holds, codes being up to 15 bits on one side or the other.
func int16Limits(rng *rand.Rand, terms int) (first, second int) {
	first = 1<<(4+rng.IntN(12)) - 1
	second = min(max((math.MaxInt32/(first+1))/terms-1, 1), 1<<15-1)
	if rng.IntN(2) == 0 {
		return first, second
	}
	return second, first
}

func TestInt16ConvolutionsAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(71, 72))
		for i, p := range int8Shapes(rng) {
			if isa.Name() == "go" && i%3 > 0 {
				continue // slow, and the same arithmetic
			}
			oh, ow := p.OH(), p.OW()
			inputs, weights, outputs := p.N*p.C*p.H*p.W, p.OC*p.C*p.KH*p.KW, p.N*p.OC*oh*ow
			what := fmt.Sprintf("%+v", p)
			run := func(name string, want []float32, body func(out []float32, threads int) bool) {
				for _, threads := range []int{1, 2, 5} {
					out, check := kerneltest.Guarded[float32](len(want))
					require.True(t, body(out, threads), "%s %s", name, what)
					kerneltest.RequireSameBits(t, want, out, name, what, threads)
					check(t)
				}
			}

			a, b := int16Limits(rng, p.C*p.KH*p.KW)
			x, w := newCoded16(rng, []int{1, p.N}[i%2], inputs, a), newCoded16(rng, []int{1, p.OC}[i/2%2], weights, b)
			sums := make([]int64, outputs)
			eachTerm(p, func(y, xi, wi int) { sums[y] += int64(x.codes[xi] * w.codes[wi]) })
			want := make([]float32, outputs)
			for j, sum := range sums {
				want[j] = rounded(sum, exponentOf(x.exponents, j/(oh*ow*p.OC))+exponentOf(w.exponents, j/(oh*ow)%p.OC))
			}
			run("forward", want, func(y []float32, threads int) bool {
				return ConvForwardInt16(p, y, x.values, w.values, x.exponents, w.exponents, threads)
			})

			a, b = int16Limits(rng, p.OC*p.KH*p.KW)
			dy, w := newCoded16(rng, []int{1, p.N}[i%2], outputs, a), newCoded16(rng, 1, weights, b)
			sums = make([]int64, inputs)
			eachTerm(p, func(y, xi, wi int) { sums[xi] += int64(dy.codes[y] * w.codes[wi]) })
			want = make([]float32, inputs)
			for j, sum := range sums {
				want[j] = rounded(sum, exponentOf(dy.exponents, j/(p.C*p.H*p.W))+w.exponents[0])
			}
			run("data", want, func(dx []float32, threads int) bool {
				return ConvBackwardDataInt16(p, dx, dy.values, w.values, dy.exponents, w.exponents[0], threads)
			})

			a, b = int16Limits(rng, p.N*oh*ow)
			x, dy = newCoded16(rng, 1, inputs, a), newCoded16(rng, 1, outputs, b)
			sums = make([]int64, weights)
			eachTerm(p, func(y, xi, wi int) { sums[wi] += int64(x.codes[xi] * dy.codes[y]) })
			want = make([]float32, weights)
			for j, sum := range sums {
				want[j] = rounded(sum, x.exponents[0]+dy.exponents[0])
			}
			run("weight", want, func(dw []float32, threads int) bool {
				return ConvBackwardWeightInt16(p, dw, x.values, dy.values, x.exponents[0], dy.exponents[0], threads)
			})
		}
	})
}

// Values that are no codes of 16 bits leave the work to other kernels, wherever they stand.
func TestInt16ConvolutionsRefuseOtherValues(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		p, zero := int8Small, []int{0}
		x, w, dy := int8Operands(p)
		run := func() (done [3]bool) {
			done[0] = ConvForwardInt16(p, make([]float32, len(dy)), x, w, zero, zero, 2)
			done[1] = ConvBackwardDataInt16(p, make([]float32, len(x)), dy, w, zero, 0, 2)
			done[2] = ConvBackwardWeightInt16(p, make([]float32, len(w)), x, dy, 0, 0, 2)
			return done
		}
		require.Equal(t, [3]bool{true, true, true}, run())
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 32768, -32769, 0x1p30, -0x1p127} {
			for operand, values := range [][]float32{x, w, dy} {
				for _, at := range []int{0, 18, len(values) / 2, len(values) - 1} {
					before := values[at]
					values[at] = bad
					want := [][3]bool{{false, true, false}, {false, false, true}, {true, false, false}}[operand] // those without the operand
					require.Equal(t, want, run(), "%v in operand %d at %d", bad, operand, at)
					values[at] = before
				}
			}
		}
	})
}
