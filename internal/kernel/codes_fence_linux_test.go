package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Kernels for products on codes touch no memory outside of their operands.
func TestProductsOfCodesStayInsideTheirMemory(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(69, 70))
		for _, width := range codeWidths {
			for i, size := range codeSizes(rng)[3:] {
				x := newCodeMatrices(rng, width.bits, size[0], size[1], size[2])
				for _, atEnd := range []bool{false, true} {
					tensor := func(values []float32) []float32 {
						s := kerneltest.As[float32](kerneltest.Fenced(t, 4*len(values), atEnd), len(values))
						copy(s, values)
						return s
					}
					a, b, c := tensor(x.a), tensor(x.b), tensor(x.want)
					kerneltest.Inside(t, func() {
						width.product(c, a, b, x.m, x.n, x.k, x.transA, x.transB, x.exponentsA, x.exponentsB, 1)
					}, "size %d, at the end: %v", i, atEnd)
				}
			}
		}
	})
}
