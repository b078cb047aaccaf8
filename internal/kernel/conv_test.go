package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// convShapes are shapes with something special each; randomConv adds others.
var convShapes = []Conv{
	{N: 2, C: 3, H: 32, W: 32, OC: 16, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1},
	{N: 2, C: 16, H: 16, W: 16, OC: 32, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1},
	{N: 2, C: 16, H: 16, W: 16, OC: 32, KH: 1, KW: 1, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1},
	{N: 1, C: 24, H: 8, W: 8, OC: 40, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1},
	{N: 3, C: 5, H: 8, W: 4, OC: 7, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1},                                                   // a product of matrices
	{N: 1, C: 2, H: 9, W: 11, OC: 3, KH: 3, KW: 2, PadTop: 2, PadRight: 3, StrideH: 3, StrideW: 2, DilationH: 2, DilationW: 3},                          // everything asymmetric
	{N: 1, C: 2, H: 10, W: 10, OC: 3, KH: 2, KW: 2, StrideH: 4, StrideW: 4, DilationH: 1, DilationW: 1},                                                 // inputs that no output sees
	{N: 1, C: 2, H: 5, W: 5, OC: 3, KH: 2, KW: 2, StrideH: 2, StrideW: 2, DilationH: 2, DilationW: 2},                                                   // taps on one class of inputs only
	{N: 1, C: 1, H: 3, W: 3, OC: 1, KH: 7, KW: 7, PadTop: 4, PadLeft: 4, PadBottom: 4, PadRight: 4, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}, // mostly padding
	{N: 5, C: 1, H: 1, W: 1, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1},
	{N: 1, C: 2, H: 4, W: 40, OC: 9, KH: 1, KW: 1, PadTop: 1, PadLeft: 3, StrideH: 2, StrideW: 1, DilationH: 1, DilationW: 1},
}

func randomConv(rng *rand.Rand) Conv {
	for {
		p := Conv{
			N: 1 + rng.IntN(3), C: 1 + rng.IntN(9), H: 1 + rng.IntN(20), W: 1 + rng.IntN(36), OC: 1 + rng.IntN(20), KH: 1 + rng.IntN(4), KW: 1 + rng.IntN(4),
			PadTop: rng.IntN(3), PadLeft: rng.IntN(3), PadBottom: rng.IntN(3), PadRight: rng.IntN(3),
			StrideH: 1 + rng.IntN(3), StrideW: 1 + rng.IntN(3), DilationH: 1 + rng.IntN(3), DilationW: 1 + rng.IntN(3),
		}
		if p.H+p.PadTop+p.PadBottom > p.DilationH*(p.KH-1) && p.W+p.PadLeft+p.PadRight > p.DilationW*(p.KW-1) {
			return p
		}
	}
}

func TestConvolutionsAreTheirDefinitions(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testConvolutions[float32])
		t.Run("float64", testConvolutions[float64])
	})
}

func testConvolutions[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	shapes := convShapes
	for range 20 {
		shapes = append(shapes, randomConv(rng))
	}
	fillings := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}
	for i, p := range shapes {
		for sum := Sequence; sum <= Blockwise; sum++ {
			f := fillings[(i+int(sum))%len(fillings)]
			if sum == Whole {
				f = kerneltest.Integers
			}
			checkConvolutions[T](t, rng, p, sum, f, 1+i%3)
		}
	}
}

// checkConvolutions compares the three convolutions of a shape with their plain forms.
func checkConvolutions[T Float](t *testing.T, rng *rand.Rand, p Conv, sum Sum, f kerneltest.Filling, threads int) {
	t.Helper()
	what := fmt.Sprintf("%v of %+v on %s", sum, p, f.Name)
	x, w := kerneltest.Data[T](rng, f, p.N*p.C*p.H*p.W), kerneltest.Data[T](rng, f, p.OC*p.C*p.KH*p.KW)
	dy := kerneltest.Data[T](rng, f, p.N*p.OC*p.OH()*p.OW())
	wantY, wantX, wantW := make([]T, len(dy)), make([]T, len(x)), make([]T, len(w))
	plainConvForward(p, wantY, x, w, sum, 1)
	plainConvBackwardData(p, wantX, dy, w, sum, 1)
	plainConvBackwardWeight(p, wantW, x, dy, sum, 1)

	y, checkY := kerneltest.Guarded[T](len(dy))
	ConvForward(p, y, x, w, sum, threads)
	kerneltest.RequireSameBits(t, wantY, y, "forward ", what)
	checkY(t)
	dx, checkX := kerneltest.Guarded[T](len(x))
	ConvBackwardData(p, dx, dy, w, sum, threads)
	kerneltest.RequireSameBits(t, wantX, dx, "backward data ", what)
	checkX(t)
	dw, checkW := kerneltest.Guarded[T](len(w))
	ConvBackwardWeight(p, dw, x, dy, sum, threads)
	kerneltest.RequireSameBits(t, wantW, dw, "backward weight ", what)
	checkW(t)
}

func TestConvolutionsAtAnyNumberOfThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, p := range convShapes[:5] {
		for _, threads := range []int{0, 1, 2, 3, 7, 100} {
			checkConvolutions[float32](t, rng, p, Sequence, kerneltest.Normal, threads)
		}
	}
}

// Calls keep their memory for the next ones: what they allocate does not grow with the tensors.
func TestConvolutionsHardlyAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := Conv{N: 4, C: 16, H: 32, W: 32, OC: 16, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	x, w := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Normal, p.OC*p.C*p.KH*p.KW)
	y := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.OC*p.OH()*p.OW())
	run := func() {
		ConvForward(p, y, x, w, Sequence, 1)
		ConvBackwardData(p, x, y, w, Sequence, 1)
		ConvBackwardWeight(p, w, x, y, Sequence, 1)
	}
	run()
	const times = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		run()
	}
	runtime.ReadMemStats(&after)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)/times, uint64(len(x)), "a sample is %d bytes", 4*len(x)/p.N)
}

// The three convolutions are one trilinear form: Σ y·conv(x, w) = Σ x·data(y, w) = Σ w·weight(x, y). On integers all of
// these are exact.
func TestConvolutionsAreAdjoint(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		small := kerneltest.Filling{Name: "small integers", Fill: func(rng *rand.Rand) float64 { return float64(rng.IntN(15) - 7) }}
		for range 20 {
			p := randomConv(rng)
			x, w := kerneltest.Data[float32](rng, small, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, small, p.OC*p.C*p.KH*p.KW)
			y := kerneltest.Data[float32](rng, small, p.N*p.OC*p.OH()*p.OW())
			gotY, gotX, gotW := make([]float32, len(y)), make([]float32, len(x)), make([]float32, len(w))
			ConvForward(p, gotY, x, w, Sequence, 2)
			ConvBackwardData(p, gotX, y, w, Whole, 2)
			ConvBackwardWeight(p, gotW, x, y, Blockwise, 2)
			require.Equal(t, PlaneDot(y, gotY), PlaneDot(x, gotX), "%+v", p)
			require.Equal(t, PlaneDot(y, gotY), PlaneDot(w, gotW), "%+v", p)
		}
	})
}

func TestConvolutionsRefuseWhatDoesNotFit(t *testing.T) {
	p := Conv{N: 1, C: 1, H: 4, W: 4, OC: 1, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	x, w, y := make([]float32, 16), make([]float32, 9), make([]float32, 4)
	require.NotPanics(t, func() { ConvForward(p, y, x, w, Sequence, 1) })
	require.PanicsWithValue(t, badLength, func() { ConvForward(p, y, x[1:], w, Sequence, 1) })
	require.PanicsWithValue(t, badLength, func() { ConvBackwardData(p, x, y[1:], w, Sequence, 1) })
	require.PanicsWithValue(t, badLength, func() { ConvBackwardWeight(p, w[1:], x, y, Sequence, 1) })
	for _, change := range []func(*Conv){
		func(p *Conv) { p.N = 0 }, func(p *Conv) { p.KH = 6 }, func(p *Conv) { p.StrideW = 0 }, func(p *Conv) { p.PadTop = -1 }, func(p *Conv) { p.DilationH = 0 },
	} {
		q := p
		change(&q)
		require.PanicsWithValue(t, badShape, func() { ConvForward(q, y, x, w, Sequence, 1) }, "%+v", q)
	}
}
