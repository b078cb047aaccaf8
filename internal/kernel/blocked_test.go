package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// inBlocks is the definition of the layout.
func inBlocks[E any](x []E, channels, area int) []E {
	y := make([]E, len(x))
	for i, v := range x {
		n, c, e := i/area/channels, i/area%channels, i%area
		y[((n*(channels/16)+c/16)*area+e)*16+c%16] = v
	}
	return y
}

func TestBlocksAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, area := range []int{1, 2, 7, 16, 33, 64, 100} {
			for _, channels := range []int{16, 48} {
				x := kerneltest.Data[float32](rng, kerneltest.Normal, 3*channels*area)
				y, check := kerneltest.Guarded[float32](len(x))
				ToBlocks(y, x, area, 2)
				kerneltest.RequireSameBits(t, inBlocks(x, channels, area), y)
				check(t)
				back, checkBack := kerneltest.Guarded[float32](len(x))
				FromBlocks(back, y, area, 3)
				kerneltest.RequireSameBits(t, x, back)
				checkBack(t)
			}
		}
	})
}

// A tensor in blocks lies in the order of its random bits.
func TestBlocksHaveTheirRandomBits(t *testing.T) {
	const channels, area, samples = 32, 20, 3
	draw := philox.Draw{Key: [2]uint32{7, 9}, Execution: 3, Domain: 1}
	planes, blocks := make([]uint16, samples*channels*area), make([]uint16, samples*channels*area)
	philox.Bits(planes, draw, philox.Order{Channels: channels, Area: area}, 0)
	philox.Bits(blocks, draw, philox.Order{}, 0)
	require.Equal(t, inBlocks(planes, channels, area), blocks)
}

func TestBlocksOfOddLengths(t *testing.T) {
	require.Panics(t, func() { ToBlocks(make([]float32, 30), make([]float32, 30), 2, 1) })
	require.Panics(t, func() { FromBlocks(make([]float32, 32), make([]float32, 64), 2, 1) })
	require.Panics(t, func() { new(BlockSums).Sum(make([]float32, 17)) })
	require.Panics(t, func() {
		BlockScaledReLUGradient(make([]float32, 16), make([]float32, 32), make([]float32, 32), new(BlockScalars), new(BlockScalars))
	})
	require.Panics(t, func() { new(BlockSums).Dot(make([]float32, 16), make([]float32, 32)) })
	require.Panics(t, func() {
		BlockScaleShift(make([]float32, 16), make([]float32, 32), new(BlockScalars), new(BlockScalars))
	})
}

// blockedShapes are those of ResNet-14 in small batches, and others: all of them make blocks.
func blockedShapes(rng *rand.Rand) []Conv {
	shapes, _ := resNet14Convs(2)
	for range 32 {
		p := randomConv(rng)
		p.C, p.OC = []int{16, 32, 48, 64, 1, 3}[rng.IntN(6)], 16*(1+rng.IntN(4))
		p.StrideH, p.StrideW = 1+rng.IntN(2), 1+rng.IntN(2)
		shapes = append(shapes, p)
	}
	return slices.DeleteFunc(shapes, func(p Conv) bool {
		return p.H+p.PadTop+p.PadBottom <= p.DilationH*(p.KH-1) || p.W+p.PadLeft+p.PadRight <= p.DilationW*(p.KW-1)
	})
}

// blocked is a tensor in blocks if its channels make some.
func blocked[E any](x []E, channels, area int) []E {
	if channels%16 != 0 {
		return x
	}
	return inBlocks(x, channels, area)
}

func TestBlockedConvolutionsAreTheirDefinitions(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 32))
		var done [3]int
		var packed PackedConvBlocked // one for all: packing replaces what was there
		var sampled SampledWeightBlocked
		for i, p := range blockedShapes(rng) {
			f, threads := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}[i%3], 1+i%4
			what := fmt.Sprintf("%+v on %s", p, f.Name)
			x, w := kerneltest.Data[float32](rng, f, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, f, p.OC*p.C*p.KH*p.KW)
			dy := kerneltest.Data[float32](rng, f, p.N*p.OC*p.OH()*p.OW())
			bx, bdy := blocked(x, p.C, p.H*p.W), blocked(dy, p.OC, p.OH()*p.OW())
			flat := p.flat()
			planes := p.C%16 != 0 && p.StrideW > 1

			want := make([]float32, len(dy))
			y, check := kerneltest.Guarded[float32](len(dy))
			ok := ConvForwardBlocked(p, y, bx, w, threads)
			require.Equal(t, p.TakesBlocks(), ok)
			require.Equal(t, flat.OW() >= 4 && !planes, ok, "forward %s", what)
			check(t)
			if ok {
				done[0]++
				plainConvForward(p, want, x, w, Sequence, 1)
				kerneltest.RequireSameBits(t, inBlocks(want, p.OC, p.OH()*p.OW()), y, "forward ", what)
				clear(y)
				require.True(t, packed.PackForward(p, w))
				inPieces(p.N, func(lo, hi int) { packed.Run(y, bx, lo, hi) })
				kerneltest.RequireSameBits(t, inBlocks(want, p.OC, p.OH()*p.OW()), y, "forward by samples ", what)
				check(t)
				require.PanicsWithValue(t, badLength, func() { packed.Run(y[1:], bx, 0, 1) })
			}

			want = make([]float32, len(x))
			dx, check := kerneltest.Guarded[float32](len(x))
			ok = ConvBackwardDataBlocked(p, dx, bdy, w, threads)
			require.Equal(t, p.DataTakesBlocks(), ok)
			require.Equal(t, flat.W/p.StrideW >= 4 && p.C%16 == 0, ok, "backward data %s", what)
			check(t)
			if ok {
				done[1]++
				plainConvBackwardData(p, want, dy, w, Sequence, 1)
				kerneltest.RequireSameBits(t, inBlocks(want, p.C, p.H*p.W), dx, "backward data ", what)
				clear(dx)
				require.True(t, packed.PackBackwardData(p, w))
				inPieces(p.N, func(lo, hi int) { packed.Run(dx, bdy, lo, hi) })
				kerneltest.RequireSameBits(t, inBlocks(want, p.C, p.H*p.W), dx, "backward data by samples ", what)
				check(t)
			}

			want = make([]float32, len(w))
			dw, check := kerneltest.Guarded[float32](len(w))
			ok = ConvBackwardWeightBlocked(p, dw, bx, bdy, threads)
			require.Equal(t, p.WeightTakesBlocks(), ok)
			require.Equal(t, !planes, ok, "backward weight %s", what)
			check(t)
			if ok {
				done[2]++
				plainConvBackwardWeight(p, want, x, dy, Sequence, 1)
				kerneltest.RequireSameBits(t, want, dw, "backward weight ", what)
				clear(dw)
				require.True(t, sampled.Begin(p))
				inPieces(p.N, func(lo, hi int) { sampled.Run(bx, bdy, lo, hi) })
				sampled.End(dw, threads)
				kerneltest.RequireSameBits(t, want, dw, "backward weight by samples ", what)
				check(t)
			}
		}
		for _, n := range done {
			require.Greater(t, n, 15)
		}
	})
}

func TestBlockedConvolutionsRefuseWhatTheyCannot(t *testing.T) {
	good := Conv{N: 1, C: 16, H: 8, W: 8, OC: 16, KH: 1, KW: 1, StrideH: 1, StrideW: 2, DilationH: 1, DilationW: 1}
	require.True(t, runBlocked(good))
	for _, change := range []func(p *Conv){
		func(p *Conv) { p.OC = 8 },
		func(p *Conv) { p.StrideW = 3 },
		func(p *Conv) { p.StrideH = 3 },
		func(p *Conv) { p.C = 5 },
	} {
		p := good
		change(&p)
		require.False(t, runBlocked(p), "%+v", p)
	}
}

// runBlocked reports whether any of the three convolutions runs.
func runBlocked(p Conv) bool {
	x, w, y := make([]float32, p.N*p.C*p.H*p.W), make([]float32, p.OC*p.C*p.KH*p.KW), make([]float32, p.N*p.OC*p.OH()*p.OW())
	forward, data := ConvForwardBlocked(p, y, x, w, 1), ConvBackwardDataBlocked(p, x, y, w, 1)
	return ConvBackwardWeightBlocked(p, w, x, y, 1) || forward || data
}

func TestBlockFunctionsAreThoseOfPlanes(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for i, area := range []int{1, 2, 5, 8, 14, 16, 31, 64, 200} {
			f := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}[i%3]
			x, y := kerneltest.Data[float32](rng, f, 16*area), kerneltest.Data[float32](rng, f, 16*area)
			bx, by := inBlocks(x, 16, area), inBlocks(y, 16, area)
			var p, q, r BlockScalars
			var centers, sum, dot, squares BlockSums
			for c := range p {
				p[c], q[c], r[c] = rng.Float32(), rng.Float32()-1, rng.Float32()*8
				centers[c] = float64(p[c])
			}
			sum.Sum(bx)
			dot.Dot(bx, by)
			squares.Squares(bx, &centers)
			want := make([]float32, 16*area)
			each := func(body func(lo, hi, c int)) {
				for c := range 16 {
					body(c*area, (c+1)*area, c)
				}
			}
			each(func(lo, hi, c int) {
				kerneltest.RequireSameBits(t, []float64{PlaneSum(x[lo:hi]), PlaneDot(x[lo:hi], y[lo:hi]), PlaneSquares(x[lo:hi], centers[c])}, []float64{sum[c], dot[c], squares[c]})
			})
			out, check := kerneltest.Guarded[float32](16 * area)
			same := func(name string) {
				kerneltest.RequireSameBits(t, inBlocks(want, 16, area), out, name)
				check(t)
			}
			each(func(lo, hi, c int) { ScaleShift(want[lo:hi], x[lo:hi], p[c], q[c]) })
			BlockScaleShift(out, bx, &p, &q)
			same("scale and shift")
			each(func(lo, hi, c int) { Normalise(want[lo:hi], x[lo:hi], p[c], q[c]) })
			BlockNormalise(out, bx, &p, &q)
			same("normalise")
			each(func(lo, hi, c int) { NormaliseGradient(want[lo:hi], x[lo:hi], y[lo:hi], p[c], q[c], r[c]) })
			BlockNormaliseGradient(out, bx, by, &p, &q, &r)
			same("normalise gradient")
			ScaledReLUGradient(want, x, y, area, p[:], q[:], 0)
			BlockScaledReLUGradient(out, bx, by, &p, &q)
			same("ReLU's gradient of what is scaled")
		}
	})
}
