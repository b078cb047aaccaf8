package round

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestRoundingWithAStepForEachElement(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(35, 36))
		kinds := []func() float64{
			func() float64 { return math.Ldexp(1, rng.IntN(40)-20) },
			func() float64 { return math.Ldexp(1, rng.IntN(270)-149) }, // not for float32 arithmetic
			func() float64 { return float64(float32(rng.ExpFloat64())) },
		}
		for _, shared := range []Grid{{0, 0, -128, 127}, {0, 3, -128, 127}, {0, 0, 0, 255}, {0, 0, -32768, 32767}} {
			for _, kind := range kinds {
				for _, c := range roundings {
					first, n := rng.IntN(40), rng.IntN(500)
					values := make([]float64, first+n)
					src := make([]float32, n)
					for i := range values {
						values[i] = kind()
						if i >= first {
							g := shared
							g.Step = values[i]
							src[i-first] = roundingData(rng, g, 1)[0]
						}
					}
					checkEach(t, rng, src, values, first, shared, c)
				}
			}
		}
	})
}

func checkEach(t *testing.T, rng *rand.Rand, src []float32, values []float64, first int, shared Grid, c linearRounding) {
	t.Helper()
	n := len(src)
	random, draws := randomFor(rng, n, c.bits)
	steps := new(Steps)
	require.True(t, steps.Set(values, 1, shared))
	var wantCounts Counts
	wantCodes, want := make([]int32, n), make([]float32, n)
	for i, x := range src {
		g := shared
		g.Step = values[first+i]
		wantCodes[i] = plainRound(x, draws[i], c.rounding, c.bits, g, &wantCounts)
		want[i] = plainValue(wantCodes[i], g)
	}
	got, check := kerneltest.Guarded[float32](n)
	copy(got, src)
	require.Equal(t, wantCounts, ValuesEach(got, got, steps, first, c.rounding, random))
	for i := range want {
		require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]), "element %d of %d, %v, step %v, %+v, %+v", i, n, src[i], values[first+i], shared, c)
	}
	check(t)
	codes := make([]int32, n+1)
	require.Equal(t, wantCounts, CodesEach(codes[:n], src, steps, first, c.rounding, random))
	require.Equal(t, wantCodes, codes[:n])
	require.Zero(t, codes[n])
}

func TestStepsThatDoNotFit(t *testing.T) {
	shared := Grid{0, 0, -128, 127}
	for _, step := range []float64{0, -1, math.NaN(), math.Inf(1), 0.037, 0x1p-150} {
		assert.False(t, new(Steps).Set([]float64{1, step}, 1, shared), "%v", step)
	}
	assert.False(t, new(Steps).Set([]float64{1}, 1, Grid{0, 0, 1, 2}))
	steps := new(Steps)
	require.True(t, steps.Set([]float64{1, 2}, 1, shared))
	s := make([]float32, 2)
	assert.PanicsWithValue(t, badLength, func() { ValuesEach(s, s, steps, 1, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badLength, func() { ValuesEach(s, s[:1], steps, 0, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badLength, func() { CodesEach(make([]int32, 1), s, steps, 0, NearestEven, Random{}) })
	assert.PanicsWithValue(t, badRandom, func() { ValuesEach(s, s, steps, 0, Stochastic, Random{}) })
}

func TestMaxAbsEach(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(37, 38))
		for n := range 101 {
			src := kerneltest.Data[float32](rng, kerneltest.Specials, n)
			got, check := kerneltest.Guarded[float32](n)
			want := make([]float32, n)
			for i, x := range src {
				got[i] = float32(rng.ExpFloat64())
				want[i] = got[i]
				if a := math.Abs(float64(x)); !math.IsInf(a, 0) && !math.IsNaN(a) {
					want[i] = float32(math.Max(float64(got[i]), a))
				}
			}
			MaxAbsEach(got, src)
			require.Equal(t, want, got)
			check(t)
		}
		assert.PanicsWithValue(t, badLength, func() { MaxAbsEach(make([]float32, 1), make([]float32, 2)) })
	})
}
