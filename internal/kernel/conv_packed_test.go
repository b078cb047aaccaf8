package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// inPieces calls f for all of n samples, a few at a time and several at once, the last ones first.
func inPieces(n int, f func(lo, hi int)) {
	var group sync.WaitGroup
	for hi := n; hi > 0; {
		lo := max(hi-2, 0)
		group.Add(1)
		go func(hi int) {
			defer group.Done()
			f(lo, hi)
		}(hi)
		hi = lo
	}
	group.Wait()
}

func TestPackedConvolutionsAreTheirDefinitions(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testPackedConvolutions[float32])
		t.Run("float64", testPackedConvolutions[float64])
	})
}

func testPackedConvolutions[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	shapes := convShapes
	for range 20 {
		shapes = append(shapes, randomConv(rng))
	}
	var packed PackedConv // one for all: packing replaces what was there
	for i, p := range shapes {
		p.N = 1 + i%5
		sum := Sum(i % 3)
		f := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}[i/3%3]
		if sum == Whole {
			f = kerneltest.Integers
		}
		what := fmt.Sprintf("%v of %+v on %s", sum, p, f.Name)
		x, w := kerneltest.Data[T](rng, f, p.N*p.C*p.H*p.W), kerneltest.Data[T](rng, f, p.OC*p.C*p.KH*p.KW)
		dy := kerneltest.Data[T](rng, f, p.N*p.OC*p.OH()*p.OW())
		wantY, wantX := make([]T, len(dy)), make([]T, len(x))
		plainConvForward(p, wantY, x, w, sum, 1)
		plainConvBackwardData(p, wantX, dy, w, sum, 1)

		y, checkY := kerneltest.Guarded[T](len(dy))
		PackConvForward(&packed, p, w, sum)
		inPieces(p.N, func(lo, hi int) { RunPackedConv(&packed, y, x, lo, hi) })
		kerneltest.RequireSameBits(t, wantY, y, "forward ", what)
		checkY(t)
		dx, checkX := kerneltest.Guarded[T](len(x))
		PackConvBackwardData(&packed, p, w, sum)
		inPieces(p.N, func(lo, hi int) { RunPackedConv(&packed, dx, dy, lo, hi) })
		kerneltest.RequireSameBits(t, wantX, dx, "backward data ", what)
		checkX(t)
		require.PanicsWithValue(t, badLength, func() { RunPackedConv(&packed, dx[:len(dx)-1], dy, 0, 1) })
	}
}

func TestPackedInt8ConvolutionsAreThoseOfBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	var packed PackedConvInt8
	ran := 0
	for i, p := range int8Shapes(rng) {
		x := newCoded(rng, i%len(codesFillings), p.N, p.N*p.C*p.H*p.W, 9)
		dy := newCoded(rng, i/2%len(codesFillings), p.N, p.N*p.OC*p.OH()*p.OW(), 9)
		w := newCoded(rng, i/3%len(codesFillings), []int{1, p.OC}[i%2], p.OC*p.C*p.KH*p.KW, 5)
		check := func(ready bool, in coded, want []float32, whole bool) {
			require.Equal(t, whole, ready, "%+v", p)
			if !ready {
				return
			}
			ran++
			out, intact := kerneltest.Guarded[float32](len(want))
			inPieces(p.N, func(lo, hi int) {
				for n := lo; n < hi; n++ {
					require.True(t, packed.Run(out, in.values, n, in.exponents[n]))
				}
			})
			kerneltest.RequireSameBits(t, want, out, fmt.Sprintf("%+v", p))
			intact(t)
			require.False(t, packed.Run(out, in.values, 0, 127), "a power of two beyond float32")
			spoiled := slices.Clone(in.values)
			spoiled[0] = power(in.exponents[0]) * 200
			require.Equal(t, p.readsFirst(packed.data), !packed.Run(out, spoiled, 0, in.exponents[0]), "a code out of range, in %+v", p)
		}
		y, dx := make([]float32, len(dy.values)), make([]float32, len(x.values))
		whole := ConvForwardInt8(p, y, x.values, w.values, x.exponents, w.exponents, 1)
		check(packed.PackForward(p, w.values, w.exponents, 2), x, y, whole)
		whole = ConvBackwardDataInt8(p, dx, dy.values, w.values, dy.exponents, w.exponents, 1)
		check(packed.PackBackwardData(p, w.values, w.exponents, 2), dy, dx, whole)
	}
	require.Equal(t, hasInt8(), ran > 0)
}

// readsFirst reports whether the kernels read the first element of a sample: of x, or of dy for a gradient.
func (p Conv) readsFirst(gradient bool) bool {
	if gradient {
		vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
		horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
		return vertical.length > vertical.before && horizontal.length > horizontal.before
	}
	g := forwardSource(p)
	return g.rows > g.top && g.columns > g.left
}
