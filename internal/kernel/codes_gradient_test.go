package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Gradients on codes are the exact sums, rounded once, of terms with an exponent for each row of either factor, up to the
// widest spread whose codes have 16 bits. One more is refused, as are values that are no codes.
func TestCodeGradient(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 7))
		var g CodeGradient
		for _, shape := range [][3]int{{1, 1, 1}, {5, 3, 2}, {128, 128, 50}, {13, 33, 7}, {24, 65, 51}, {2, 31, 1}} {
			for _, lowest := range []int{-145, -60, 0, 70} {
				m, n, k := shape[0], shape[1], shape[2]
				for spread := range 9 {
					a, b := make([]float32, k*m), make([]float32, k*n)
					exponents := make([]int, k)
					codes := func(dst []float32, e int) {
						for i := range dst {
							code := []int{rng.IntN(256) - 128, -128, 127, 0}[min(rng.IntN(8), 3)]
							dst[i] = float32(math.Ldexp(float64(code), e))
						}
					}
					for row := range k { // all of the smallest and of the largest products come about
						of := lowest + []int{0, spread, rng.IntN(spread + 1)}[row%3]
						exponents[row] = lowest/2 + rng.IntN(9) - 4
						codes(a[row*m:(row+1)*m], exponents[row])
						codes(b[row*n:(row+1)*n], of-exponents[row])
					}
					c := make([]float32, m*n)
					require.True(t, g.Set(c, a, b, m, n, k, exponents, lowest), "%v, exponents from %d to %d", shape, lowest, lowest+spread)
					for i := range m {
						for j := range n {
							sum := int64(0) // of codes, which float64 holds exactly
							for row := range k {
								sum += int64(math.Ldexp(float64(a[row*m+i])*float64(b[row*n+j]), -lowest))
							}
							want := float32(math.Ldexp(float64(sum), lowest))
							if math.Float32bits(want) != math.Float32bits(c[i*n+j]) {
								require.Equal(t, want, c[i*n+j], "%v, exponents from %d to %d, element %d,%d", shape, lowest, lowest+spread, i, j)
							}
						}
					}
				}
			}
		}
	})
}

func TestCodeGradientRefuses(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		const m, n, k = 3, 4, 5
		var g CodeGradient
		for what, spoil := range map[string]func(a, b []float32, exponents []int) (lowest int){
			"a code of 17 bits":      func(_, b []float32, _ []int) int { b[7] = 1 << 15; return 0 },
			"a code of the left one": func(a, _ []float32, _ []int) int { a[0] = -1<<15 - 1; return 0 },
			"a spread that is wide":  func(_, b []float32, exponents []int) int { exponents[4], b[17] = 16, 1; return 0 },
			"infinity":               func(a, _ []float32, _ []int) int { a[14] = float32(math.Inf(1)); return 0 },
			"NaN":                    func(_, b []float32, _ []int) int { b[0] = float32(math.NaN()); return 0 },
			"exponents far away":     func(_, _ []float32, exponents []int) int { exponents[1] = 127; return 0 },
			"products far below":     func(_, _ []float32, _ []int) int { return -149 },
		} {
			a, b, exponents := make([]float32, k*m), make([]float32, k*n), make([]int, k)
			require.True(t, g.Set(make([]float32, m*n), a, b, m, n, k, exponents, 0))
			lowest := spoil(a, b, exponents)
			require.False(t, g.Set(make([]float32, m*n), a, b, m, n, k, exponents, lowest), what)
		}
		require.Panics(t, func() {
			g.Set(make([]float32, m*n), make([]float32, k*m), make([]float32, k*n), m, n, k, make([]int, k-1), 0)
		})
	})
}
