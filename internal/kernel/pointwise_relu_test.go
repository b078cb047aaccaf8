package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestScaledReLUGradientIsItsDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testScaledReLUGradient[float32])
		t.Run("float64", testScaledReLUGradient[float64])
	})
}

func testScaledReLUGradient[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	for i, plane := range []int{1, 7, 64, 1000, 2048, 2049, 5000} {
		for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Specials} {
			planes, channels, first := 5, 1+i%4, i%2
			first %= channels
			d, x := kerneltest.Data[T](rng, f, planes*plane), kerneltest.Data[T](rng, f, planes*plane)
			p, q := kerneltest.Data[T](rng, f, channels), kerneltest.Data[T](rng, kerneltest.Normal, channels)
			q[0] = 0 // so that zeros of both signs come out
			want := make([]T, len(d))
			for j := range d {
				c := (first + j/plane) % channels
				if T(p[c]*x[j])+q[c] >= 0 {
					want[j] = d[j]
				}
			}
			got, check := kerneltest.Guarded[T](len(d))
			ScaledReLUGradient(got, d, x, plane, p, q, first)
			kerneltest.RequireSameBits(t, want, got, f.Name)
			check(t)
			ScaledReLUGradient(d, d, x, plane, p, q, first)
			kerneltest.RequireSameBits(t, want, d, "in place")
			require.PanicsWithValue(t, badLength, func() { ScaledReLUGradient(d[1:], d, x, plane, p, q, first) })
		}
	}
}
