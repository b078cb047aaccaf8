package kernel

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// inBytes are the codes in blocks.
func (c *coded) inBytes(channels, area int) []int8 {
	codes := make([]int8, len(c.codes))
	for i, code := range c.codes {
		codes[i] = int8(code)
	}
	return blocked(codes, channels, area)
}

func TestInt8BlockedConvolutionsAreTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	var done [4]int
	var sampled SampledWeightInt8Blocked // one for all
	for i, p := range blockedShapes(rng) {
		if i%2 == 1 { // what gradients with respect to weights take
			p.KH = 1 + i/2%2*2
			p.KW, p.StrideW, p.DilationH, p.DilationW = p.KH, p.StrideH, 1, 1
			p.PadTop, p.PadLeft, p.PadBottom, p.PadRight = p.KH/2, p.KH/2, p.KH/2, p.KH/2
			p.H, p.W = (p.H+7)/8*8, (p.W+7)/8*8
		}
		filling, threads := i%len(codesFillings), 1+i%3
		what := fmt.Sprintf("%+v of codes %s", p, codesFillings[filling].name)
		x := newCoded(rng, filling, []int{1, p.N}[i%2], p.N*p.C*p.H*p.W, 9)
		w := newCoded(rng, (i/3)%len(codesFillings), []int{1, p.OC}[i/2%2], p.OC*p.C*p.KH*p.KW, 6)
		dy := newCoded(rng, (i/2)%len(codesFillings), []int{1, p.N}[i/4%2], p.N*p.OC*p.OH()*p.OW(), 9)
		dy.limit(p.OH() * p.OW())
		bx, bdy := x.inBytes(p.C, p.H*p.W), dy.inBytes(p.OC, p.OH()*p.OW())
		lowest, area, inArea := slices.Min(w.exponents), p.OH()*p.OW(), p.C*p.H*p.W

		forward, data := make([]int64, len(dy.codes)), make([]int64, len(x.codes))
		eachTerm(p, func(yi, xi, wi int) {
			forward[yi] += int64(x.codes[xi] * w.codes[wi])
			data[xi] += int64(dy.codes[yi]*w.codes[wi]) << (exponentOf(w.exponents, wi/(p.C*p.KH*p.KW)) - lowest)
		})

		want := make([]float32, len(forward))
		for j, sum := range forward {
			want[j] = rounded(sum, exponentOf(x.exponents, j/area/p.OC)+exponentOf(w.exponents, j/area%p.OC))
		}
		y, check := kerneltest.Guarded[float32](len(want))
		if ConvForwardInt8Blocked(p, y, bx, w.values, x.exponents, w.exponents, threads) {
			done[0]++
			kerneltest.RequireSameBits(t, inBlocks(want, p.OC, area), y, "forward ", what)
		}
		check(t)

		want = make([]float32, len(data))
		for j, sum := range data {
			want[j] = rounded(sum, exponentOf(dy.exponents, j/inArea)+lowest)
		}
		dx, check := kerneltest.Guarded[float32](len(want))
		if ConvBackwardDataInt8Blocked(p, dx, bdy, w.values, dy.exponents, w.exponents, threads) {
			done[1]++
			kerneltest.RequireSameBits(t, inBlocks(want, p.C, p.H*p.W), dx, "backward data ", what)
		}
		check(t)

		inOrder, whole, exact := make([]float32, len(w.codes)), make([]float32, len(w.codes)), make([]*big.Float, len(w.codes))
		for j, sum := range int8Sums(p, x, dy) {
			n, j := j/len(whole), j%len(whole)
			if n == 0 {
				exact[j] = new(big.Float).SetPrec(200)
			}
			e := exponentOf(x.exponents, n) + exponentOf(dy.exponents, n)
			inOrder[j] += rounded(sum, e)
			exact[j].Add(exact[j], new(big.Float).SetMantExp(new(big.Float).SetInt64(sum), e))
			whole[j], _ = exact[j].Float32()
		}
		for _, sum := range []Sum{Sequence, Blockwise, Whole} {
			want := inOrder
			if sum == Whole {
				want = whole
			}
			dw, check := kerneltest.Guarded[float32](len(want))
			if ConvBackwardWeightInt8Blocked(p, dw, bx, bdy, x.exponents, dy.exponents, sum, threads) {
				done[2]++
				kerneltest.RequireSameBits(t, want, dw, "backward weight ", what, sum)
			}
			check(t)
			if sampled.Begin(p) {
				done[3]++
				clear(dw)
				inPieces(p.N, func(lo, hi int) { sampled.Run(bx, bdy, lo, hi) })
				require.True(t, sampled.End(dw, x.exponents, dy.exponents, sum, threads))
				kerneltest.RequireSameBits(t, want, dw, "backward weight by samples ", what, sum)
				check(t)
			}
		}
	}
	if !hasInt8Blocks() {
		require.Zero(t, done)
		return
	}
	for _, n := range done {
		require.Greater(t, n, 10)
	}
}

// Exponents beyond float32's are found at the end, and a plane may have no more places than float32 has sums for.
func TestInt8BlockedGradientsBySamplesRefuse(t *testing.T) {
	p := Conv{N: 2, C: 16, H: 32, W: 32, OC: 16, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	require.Equal(t, hasInt8Blocks(), p.SumsCodesBySample())
	large := p
	large.H++
	require.False(t, large.SumsCodesBySample())
	var s SampledWeightInt8Blocked
	require.False(t, s.Begin(large))
	if s.Begin(p) {
		codes := make([]int8, 2*16*32*32)
		for i := range codes {
			codes[i] = -128
		}
		s.Run(codes, codes, 0, 2)
		dw := make([]float32, 256)
		require.False(t, s.End(dw, []int{0, 127}, []int{0}, Blockwise, 1))
		require.True(t, s.Begin(p))
		s.Run(codes, codes, 0, 2)
		require.True(t, s.End(dw, []int{0}, []int{3}, Blockwise, 1))
		require.Equal(t, float32(2*1024*128*128*8), dw[255])
		require.Panics(t, func() { s.Run(codes[1:], codes, 0, 1) })
	}
}

// Weights that are no codes are found.
func TestInt8BlockedConvolutionsRefuseOtherWeights(t *testing.T) {
	p := Conv{N: 1, C: 16, H: 4, W: 8, OC: 16, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	x, w, y := make([]int8, 16*32), make([]float32, 256), make([]float32, 16*32)
	zero := []int{0}
	require.Equal(t, hasInt8Blocks(), ConvForwardInt8Blocked(p, y, x, w, zero, zero, 1))
	require.Equal(t, hasInt8Blocks(), ConvBackwardDataInt8Blocked(p, y, x, w, zero, zero, 1))
	w[77] = 128
	require.False(t, ConvForwardInt8Blocked(p, y, x, w, zero, zero, 1))
	require.False(t, ConvBackwardDataInt8Blocked(p, y, x, w, zero, zero, 1))
}
