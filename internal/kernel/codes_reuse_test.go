package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Sums and values may be asked for by turns: what one product was asked for does not stay with the memory that the next one
// works in.
func TestSumsAndProductsOfCodesByTurns(t *testing.T) {
	rng := rand.New(rand.NewPCG(73, 74))
	const m, n, k = 3, 17, 5
	a, b := kerneltest.Data[float32](rng, kerneltest.Integers, m*k), kerneltest.Data[float32](rng, kerneltest.Integers, k*n)
	want := make([]int32, m*n)
	for i := range want {
		for l := range k {
			want[i] += int32(a[i/n*k+l]) * int32(b[l*n+i%n])
		}
	}
	for range 10 {
		sums, values := make([]int32, m*n), make([]float32, m*n)
		require.True(t, MatMulSums(16, sums, a, b, m, n, k, false, false, 1))
		require.Equal(t, want, sums)
		require.True(t, matMulCodes(16, 0, values, a, b, m, n, k, false, false, []int{0}, []int{0}, 1))
		for i, v := range values {
			require.Equal(t, float32(want[i]), v)
		}
	}
}

// Samples on codes of 16 bits have exponents whose powers of two, and whose products with those of the weight, are float32
// numbers. Beyond these nothing is done.
func TestInt16SamplesAtTheLimitsOfExponents(t *testing.T) {
	p := Conv{N: 1, C: 1, H: 1, W: 4, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	for _, weight := range []int{-74, 63} {
		w := []float32{float32(math.Ldexp(3, weight))}
		for exponent, want := range map[int]bool{-75: false, -74: true, 0: true, 63: true, 64: false} {
			x, y := make([]float32, 4), make([]float32, 4)
			for i := range x {
				x[i] = float32(math.Ldexp(float64(i-2), exponent))
			}
			var forward, backward PackedConvInt16
			require.True(t, forward.PackForward(p, w, []int{weight}))
			require.True(t, backward.PackBackwardData(p, w, weight))
			for _, c := range []*PackedConvInt16{&forward, &backward} {
				require.Equal(t, want, c.Run(y, x, 0, exponent), "%d and %d", weight, exponent)
				for i, v := range y {
					if want {
						require.Equal(t, float32(math.Ldexp(float64(3*(i-2)), weight+exponent)), v)
					}
				}
			}
		}
	}
	var c PackedConvInt16
	require.False(t, c.PackForward(p, []float32{1}, []int{-75}))
	require.False(t, c.PackBackwardData(p, []float32{1}, 64))
}
