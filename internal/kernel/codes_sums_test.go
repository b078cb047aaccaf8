package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// guardedSums returns n sums amid elements that check finds changed if anything was written there.
func guardedSums(n int) (s []int32, check func(t *testing.T)) {
	values, check := kerneltest.Guarded[float32](n)
	return sumsOf(values), check
}

// codesOfWidth are codes as values, among them the extreme ones, whose sums wrap in int32.
func codesOfWidth(rng *rand.Rand, bits, n int) []float32 {
	s := make([]float32, n)
	half := 1 << (bits - 1)
	for i := range s {
		s[i] = float32([]int{rng.IntN(2*half) - half, -half, half - 1}[rng.IntN(3)])
	}
	return s
}

// Sums of codes are whole numbers modulo 2^32.
func TestSumsOfCodes(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(75, 76))
		for _, width := range codeWidths {
			for _, size := range codeSizes(rng)[3:] {
				m, n, k := size[0], size[1], size[2]
				transA, transB := rng.IntN(2) == 0, rng.IntN(2) == 0
				a, b := codesOfWidth(rng, width.bits, m*k), codesOfWidth(rng, width.bits, k*n)
				want := make([]int32, m*n)
				for i := range want {
					sum := int64(0)
					for l := range k {
						at, bt := i/n*k+l, l*n+i%n
						if transA {
							at = l*m + i/n
						}
						if transB {
							bt = i%n*k + l
						}
						sum += int64(a[at]) * int64(b[bt])
					}
					want[i] = int32(sum)
				}
				got, check := guardedSums(m * n)
				require.Equal(t, width.has(), MatMulSums(width.bits, got, a, b, m, n, k, transA, transB, 2))
				if width.has() {
					require.Equal(t, want, got, "%d bits, %v", width.bits, size)
				}
				check(t)
			}
		}
		for i, p := range int8Shapes(rng) {
			if isa.Name() == "go" && i%4 > 0 {
				continue // slow, and the same arithmetic
			}
			x, w, dy := codesOfWidth(rng, 16, p.N*p.C*p.H*p.W), codesOfWidth(rng, 16, p.OC*p.C*p.KH*p.KW), codesOfWidth(rng, 16, p.N*p.OC*p.OH()*p.OW())
			y, dx, dw := make([]int32, len(dy)), make([]int32, len(x)), make([]int32, len(w))
			eachTerm(p, func(yi, xi, wi int) {
				y[yi] += int32(x[xi]) * int32(w[wi])
				dx[xi] += int32(dy[yi]) * int32(w[wi])
				dw[wi] += int32(x[xi]) * int32(dy[yi])
			})
			for name, c := range map[string]struct {
				want []int32
				run  func(got []int32) bool
			}{
				"forward": {y, func(got []int32) bool { return ConvForwardSums(p, got, x, w, 2) }},
				"data":    {dx, func(got []int32) bool { return ConvBackwardDataSums(p, got, dy, w, 2) }},
				"weight":  {dw, func(got []int32) bool { return ConvBackwardWeightSums(p, got, x, dy, 2) }},
			} {
				got, check := guardedSums(len(c.want))
				require.True(t, c.run(got), name)
				require.Equal(t, c.want, got, "%s %+v", name, p)
				check(t)
			}
			x[0] = float32(math.NaN())
			require.False(t, ConvForwardSums(p, y, x, w, 1))
		}
	})
}

func sumsOf(s []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// Codes are kept in float64, and enter kernels as float32.
func TestNarrow(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for n := range 40 {
			src, want := make([]float64, n), make([]float32, n)
			for i := range src {
				src[i] = float64(i)*1e9 + 0.3
				want[i] = float32(src[i])
			}
			got, check := kerneltest.Guarded[float32](n)
			Narrow(got, src)
			kerneltest.RequireSameBits(t, want, got, n)
			check(t)
		}
	})
}
