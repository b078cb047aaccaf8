package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Kernels for pairs of codes touch no memory outside of their operands.
func TestInt16ConvolutionsStayInsideTheirMemory(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(73, 74))
		for i, p := range int8Shapes(rng)[:24] {
			for _, atEnd := range []bool{false, true} {
				tensor := func(n int) []float32 {
					s := kerneltest.As[float32](kerneltest.Fenced(t, 4*n, atEnd), n)
					for i := range s {
						s[i] = float32(rng.IntN(256) - 128)
					}
					return s
				}
				x, w, dy := tensor(p.N*p.C*p.H*p.W), tensor(p.OC*p.C*p.KH*p.KW), tensor(p.N*p.OC*p.OH()*p.OW())
				dx, dw, y := tensor(len(x)), tensor(len(w)), tensor(len(dy))
				zero := []int{0}
				kerneltest.Inside(t, func() {
					ConvForwardInt16(p, y, x, w, zero, zero, 1)
					ConvBackwardDataInt16(p, dx, dy, w, zero, 0, 1)
					ConvBackwardWeightInt16(p, dw, x, dy, 0, 0, 1)
				}, "shape %d, at the end: %v", i, atEnd)
			}
		}
	})
}
