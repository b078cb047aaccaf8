package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Copies of samples in planes and of samples in blocks are kept apart, though there are as many of the one as of the other
// and they have the same shape: blocks are sixteen times as large, and have their zeros elsewhere.
func TestCopiesOfPlanesAndBlocksAreKeptApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	for i, order := range [][]int{{3, 48, 3}, {48, 3, 48}} {
		for _, channels := range order {
			p := Conv{N: 2, C: channels, H: 7 + i, W: 9, OC: 16, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
			require.True(t, p.TakesBlocks())
			x, w := kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Integers, p.OC*p.C*9)
			area := p.OH() * p.OW()
			want, got := make([]float32, p.N*p.OC*area), make([]float32, p.N*p.OC*area)
			eachTerm(p, func(y, xi, wi int) { want[y] += x[xi] * w[wi] }) // whole numbers
			in := x
			if channels%blockChannels == 0 {
				in = make([]float32, len(x))
				for e, v := range x {
					plane, place := e/(p.H*p.W), e%(p.H*p.W)
					in[(plane/16*p.H*p.W+place)*16+plane%16] = v
				}
			}
			require.True(t, ConvForwardBlocked(p, got, in, w, 1))
			for e, v := range want {
				plane, place := e/area, e%area
				require.Equal(t, v, got[(plane/16*area+place)*16+plane%16], "%d channels, element %d", channels, e)
			}
		}
	}
}
