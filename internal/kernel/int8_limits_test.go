package kernel

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The longest sums of codes of 8 bits that int32 holds are taken so, whatever the codes, and no longer ones.
func TestInt8SumsHaveAsManyTermsAsInt32Holds(t *testing.T) {
	const most = 131071 // of 2^14 each, below 2^31
	for _, terms := range []int{most, most + 1} {
		x := make([]float32, terms)
		for i := range x {
			x[i] = -128
		}
		p := Conv{N: 1, C: terms, H: 1, W: 1, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
		forward, product, sums := make([]float32, 1), make([]float32, 1), make([]int32, 1)
		want := hasInt8() && terms <= most
		require.Equal(t, want, ConvForwardInt8(p, forward, x, x, []int{0}, []int{0}, 1))
		require.Equal(t, want, MatMulInt8(product, x, x, 1, 1, terms, false, false, []int{0}, []int{0}, 1))
		require.Equal(t, want, MatMulSums(8, sums, x, x, 1, 1, terms, false, false, 1))
		require.Equal(t, want, HoldsInt8(terms))
		if want {
			exact := int64(terms) << 14
			require.Equal(t, []float32{float32(exact), float32(exact)}, []float32{forward[0], product[0]})
			require.Equal(t, exact, int64(sums[0]))
		}
	}
}

// The gradient of a weight has a term for every position. Planes of as many as int32 holds are summed so, no larger ones.
func TestInt8GradientsHaveAsManyTermsAsInt32Holds(t *testing.T) {
	const most = 131071
	for _, positions := range []int{most, most + 1} {
		p := Conv{N: 2, C: 1, H: 1, W: positions, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
		x := make([]float32, 2*positions)
		for i := range x {
			x[i] = -128
		}
		for _, sum := range []Sum{Blockwise, Whole} {
			dw := make([]float32, 1)
			done := ConvBackwardWeightInt8(p, dw, x, x, []int{0, 0}, []int{0, 0}, sum, 1)
			require.Equal(t, hasInt8() && positions <= most, done)
			if done {
				require.Equal(t, float32(2*positions<<14), dw[0])
			}
		}
	}
}

// Samples whose sums are added as whole numbers go into one int32 only as long as it holds them, by the exponents between
// them: those of the largest codes and of all spreads.
func TestInt8GradientsOfSamplesFitInt32(t *testing.T) {
	const samples, side = 20, 8 // of 64 terms, 16 of which go into one sum at most
	p := Conv{N: samples, C: 2, H: side, W: side, OC: 3, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	for spread := range 24 {
		for _, codes := range [][2]float64{{-128, -128}, {127, -128}} {
			x, dy := make([]float32, samples*2*side*side), make([]float32, samples*3*side*side)
			exponents, want := make([]int, samples), 0.0
			for n := range samples {
				exponents[n] = -10
				if n%5 != 4 { // most of them: one at the end would hardly count
					exponents[n] += spread
				}
				for i := range 2 * side * side {
					x[n*2*side*side+i] = float32(math.Ldexp(codes[0], exponents[n]))
				}
				for i := range 3 * side * side {
					dy[n*3*side*side+i] = float32(codes[1])
				}
				want += math.Ldexp(codes[0]*codes[1]*side*side, exponents[n]) // exactly
			}
			dw := make([]float32, 3*2)
			done := ConvBackwardWeightInt8(p, dw, x, dy, exponents, []int{0}, Whole, 1)
			require.Equal(t, hasInt8(), done)
			for i, v := range dw {
				if done {
					require.Equal(t, float32(want), v, "spread %d, element %d", spread, i)
				}
			}
		}
	}
}
