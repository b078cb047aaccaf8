package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Samples are those of whole batches, from codes and from values, in any order and several at a time; what functions say
// that they take is what they take.
func TestPackedInt8BlockedConvolutionsAreThoseOfBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	var packed PackedConvInt8Blocked // one for all: packing replaces what was there
	ran := 0
	for i, p := range blockedShapes(rng) {
		p.N = 1 + i%4
		x := newCoded(rng, i%len(codesFillings), p.N, p.N*p.C*p.H*p.W, 9)
		dy := newCoded(rng, i/2%len(codesFillings), p.N, p.N*p.OC*p.OH()*p.OW(), 9)
		w := newCoded(rng, i/3%len(codesFillings), []int{1, p.OC}[i%2], p.OC*p.C*p.KH*p.KW, 5)
		check := func(ready bool, in coded, codes []int8, values, want []float32, whole bool) {
			require.Equal(t, whole, ready, "%+v", p)
			if !ready {
				require.False(t, packed.Run(nil, nil, 0, 0))
				return
			}
			ran++
			for _, ofValues := range []bool{false, true} {
				out, intact := kerneltest.Guarded[float32](len(want))
				inPieces(p.N, func(lo, hi int) {
					for n := lo; n < hi; n++ {
						if ofValues {
							require.True(t, packed.RunValues(out, values, n, in.exponents[n]))
						} else {
							require.True(t, packed.Run(out, codes, n, in.exponents[n]))
						}
					}
				})
				kerneltest.RequireSameBits(t, want, out, fmt.Sprintf("%+v", p))
				intact(t)
			}
			require.False(t, packed.Run(want, codes, 0, 127), "a power of two beyond float32")
			values[0] = power(in.exponents[0]) * 200
			require.False(t, packed.RunValues(want, values, 0, in.exponents[0]), "a code out of range, in %+v", p)
			require.PanicsWithValue(t, badLength, func() { packed.Run(want[1:], codes, 0, 0) })
			require.PanicsWithValue(t, badLength, func() { packed.RunValues(want, values[1:], 0, 0) })
		}
		y, dx := make([]float32, len(dy.values)), make([]float32, len(x.values))
		area, outArea := p.H*p.W, p.OH()*p.OW()
		bx, by := x.inBytes(p.C, area), dy.inBytes(p.OC, outArea)
		whole := ConvForwardInt8Blocked(p, y, bx, w.values, x.exponents, w.exponents, 1)
		require.Equal(t, p.TakesBlocksInt8(), whole)
		if p.C%16 == 0 {
			check(packed.PackForward(p, w.values, w.exponents, 2), x, bx, inBlocks(x.values, p.C, area), y, whole)
		}
		whole = ConvBackwardDataInt8Blocked(p, dx, by, w.values, dy.exponents, w.exponents, 1)
		require.Equal(t, p.DataTakesBlocksInt8(), whole)
		if p.OC%16 == 0 {
			check(packed.PackBackwardData(p, w.values, w.exponents, 2), dy, by, inBlocks(dy.values, p.OC, outArea), dx, whole)
		}
		dw := make([]float32, len(w.values))
		require.Equal(t, p.WeightTakesBlocksInt8(), ConvBackwardWeightInt8Blocked(p, dw, bx, by, x.exponents, dy.exponents, Blockwise, 2))
	}
	require.Equal(t, hasInt8Blocks(), ran > 0)
}

func TestInt8Codes(t *testing.T) {
	for n := range 70 {
		values, codes := make([]float32, n), make([]int8, n+2)
		for i := range values {
			values[i] = float32(math.Ldexp(float64(i*7%256-128), -5))
		}
		require.Equal(t, hasInt8Blocks(), Int8Codes(codes[1:n+1], values, -5))
		require.Zero(t, codes[0]+codes[n+1])
		if !hasInt8Blocks() {
			continue
		}
		for i := range values {
			require.Equal(t, int8(i*7%256-128), codes[1+i])
		}
		for _, bad := range []float32{4, -4 - 1.0/32, float32(math.NaN()), float32(math.Inf(-1))} {
			if n > 0 {
				values[n*3/4] = bad
				require.False(t, Int8Codes(codes[1:n+1], values, -5), "%v", bad)
			}
		}
	}
	require.False(t, Int8Codes(make([]int8, 3), make([]float32, 3), 127))
	require.False(t, Int8Codes(make([]int8, 3), make([]float32, 3), -127))
	require.PanicsWithValue(t, badLength, func() { Int8Codes(make([]int8, 3), make([]float32, 4), 0) })
}
