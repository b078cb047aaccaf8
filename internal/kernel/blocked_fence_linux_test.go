package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Kernels for blocks touch no memory outside of their operands.
func TestBlockedConvolutionsStayInsideTheirMemory(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(35, 36))
		for i, p := range blockedShapes(rng)[:24] {
			for _, atEnd := range []bool{false, true} {
				tensor := func(n int) []float32 { return kerneltest.As[float32](kerneltest.Fenced(t, 4*n, atEnd), n) }
				x, w, dy := tensor(p.N*p.C*p.H*p.W), tensor(p.OC*p.C*p.KH*p.KW), tensor(p.N*p.OC*p.OH()*p.OW())
				codes, errors := kerneltest.As[int8](kerneltest.Fenced(t, len(x), atEnd), len(x)), kerneltest.As[int8](kerneltest.Fenced(t, len(dy), atEnd), len(dy))
				zero := []int{0}
				kerneltest.Inside(t, func() {
					ConvForwardBlocked(p, dy, x, w, 1)
					ConvBackwardDataBlocked(p, x, dy, w, 1)
					ConvBackwardWeightBlocked(p, w, x, dy, 1)
					clear(w)
					ConvForwardInt8Blocked(p, dy, codes, w, zero, zero, 1)
					ConvBackwardDataInt8Blocked(p, x, errors, w, zero, zero, 1)
					ConvBackwardWeightInt8Blocked(p, w, codes, errors, zero, zero, Blockwise, 1)
				}, "shape %d, at the end: %v", i, atEnd)
			}
		}
		for area := range 40 {
			for _, atEnd := range []bool{false, true} {
				tensor := func() []float32 { return kerneltest.As[float32](kerneltest.Fenced(t, 64*(area+1), atEnd), 16*(area+1)) }
				x, y := tensor(), tensor()
				var p BlockScalars
				var s BlockSums
				kerneltest.Inside(t, func() {
					ToBlocks(y, x, area+1, 1)
					FromBlocks(y, x, area+1, 1)
					s.Sum(x)
					s.Dot(x, y)
					s.Squares(x, &BlockSums{})
					BlockScaleShift(y, x, &p, &p)
					BlockNormalise(y, x, &p, &p)
					BlockNormaliseGradient(y, x, y, &p, &p, &p)
				}, "%d places, at the end: %v", area+1, atEnd)
			}
		}
	})
}
