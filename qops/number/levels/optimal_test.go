package levels

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// efforts are the usual one and ones so small that few values need all of the search: cells split again and again,
// paths found by halves.
var efforts = map[string]effort{
	"usual":        usual(8, 2),
	"few cells":    {cells: 6, keep: 1 << 24, threads: 2},
	"no table":     {cells: 4096, keep: 1, threads: 1},
	"small table":  {cells: 4, keep: 40, threads: 2},
	"table of 200": {cells: 12, keep: 200, threads: 3},
}

// samples are sorted values of many shapes, the last ones made to trouble sums.
func samples(n int, random *rand.Rand) map[string][]float32 {
	out := map[string][]float32{}
	add := func(name string, value func(k int) float64) {
		x := make([]float32, n)
		for k := range x {
			x[k] = float32(value(k))
		}
		out[name] = Sorted(x, 1)
	}
	add("normal", func(int) float64 { return random.NormFloat64() })
	add("uniform", func(int) float64 { return random.Float64() })
	add("lognormal", func(int) float64 { return math.Exp(3 * random.NormFloat64()) })
	add("cauchy", func(int) float64 { return random.NormFloat64() / random.NormFloat64() })
	add("evenly", func(k int) float64 { return float64(k) })
	add("integers", func(int) float64 { return float64(random.IntN(12)) })
	add("relu", func(int) float64 { return max(0, random.NormFloat64()) })
	add("powers", func(k int) float64 { return math.Ldexp(1, k%200-100) })
	add("both signs, all scales", func(k int) float64 { return math.Ldexp(random.Float64()-0.5, random.IntN(200)-100) })
	add("close and large", func(int) float64 { return 1e20 * (1 + 0x1p-23*float64(random.IntN(400))) })
	add("close and large, negative", func(int) float64 { return -3e37 * (1 + 0x1p-23*float64(random.IntN(400))) })
	add("clusters", func(int) float64 { return float64(random.IntN(6)) + 1e-4*random.Float64() })
	add("tiny beside huge", func(k int) float64 {
		return []float64{1e-30 * random.Float64(), 1e30 * (1 + 0x1p-23*float64(random.IntN(9))), -1e30, random.Float64()}[k%4]
	})
	add("many of a huge one", func(k int) float64 {
		return []float64{1e30, random.NormFloat64(), 1e30, 1e30 * (1 + 0x1p-23*float64(min(k, 3)))}[k%4]
	})
	add("subnormal", func(int) float64 { return math.Ldexp(float64(random.IntN(2000)-1000), -149) })
	return out
}

// TestOptimalAgainstSubsets compares with every choice there is.
func TestOptimalAgainstSubsets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		for name, x := range samples(4+round%9, random) {
			for points := 2; points <= 6; points++ {
				for how, e := range efforts {
					got, err := optimal(x, points, e)
					require.NoError(t, err)
					different := len(slices.Compact(slices.Clone(x)))
					require.Len(t, got, min(points, different))
					if points > different {
						assert.Zero(t, exactVariance(x, got).Sign())
						continue
					}
					checkBest(t, bestOfSubsets(x, points), exactVariance(x, got), len(x), "%s, %s, %v into %d: %v", name, how, x, points, got)
				}
			}
		}
	}
}

// TestOptimalAgainstTable compares with the plain dynamic programme in rational numbers.
func TestOptimalAgainstTable(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, x := range samples(44, random) {
		for _, points := range []int{3, 8, 16} {
			if len(slices.Compact(slices.Clone(x))) < points {
				continue
			}
			best := bestByTable(x, points)
			for how, e := range efforts {
				got, err := optimal(x, points, e)
				require.NoError(t, err)
				assert.True(t, slices.IsSorted(got))
				checkBest(t, best, exactVariance(x, got), len(x), "%s, %s, %d points", name, how, points)
			}
		}
	}
}

// checkBest allows the tolerance that the package states for float32 values.
func checkBest(t *testing.T, best, got *big.Rat, n int, format string, arguments ...any) {
	t.Helper()
	limit := new(big.Rat).SetFloat64(1 + float64(n)*0x1p-50)
	assert.LessOrEqual(t, got.Cmp(limit.Mul(limit, best)), 0, "%s: the best is %v, not %v",
		fmt.Sprintf(format, arguments...), best.FloatString(50), got.FloatString(50))
}

// TestOptimalFloat64 has values whose squares overflow or underflow, and ones of 53 digits.
func TestOptimalFloat64(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for name, unit := range map[string]float64{"huge": 0x1p1010, "plain": 1, "tiny": 0x1p-1000, "subnormal": 0x1p-1060} {
		x := make([]float64, 36)
		for k := range x {
			x[k] = random.NormFloat64() * unit
		}
		x = Sorted(x, 1)
		got, err := Optimal(x, 6, 2)
		require.NoError(t, err)
		checkBest(t, bestByTable(x, 6), exactVariance(x, got), len(x), "%s", name)
	}
	for name, unit := range map[string]float64{"close": 0x1p-45, "closer": 0x1p-51} {
		x := make([]float64, 36)
		for k := range x {
			x[k] = 3 + math.Floor(20000*random.NormFloat64())*unit
		}
		x = Sorted(x, 1)
		got, err := optimal(x, 6, efforts["few cells"])
		require.NoError(t, err)
		limit := new(big.Rat).SetFloat64(float64(len(x)) * 0x1p-95 * 10) // the largest square is near 9
		assert.LessOrEqual(t, exactVariance(x, got).Cmp(limit.Add(limit, bestByTable(x, 6))), 0, "%s", name)
	}
}

// TestOptimalAtSize finds for larger tensors what the search without narrowing finds, whatever the threads.
func TestOptimalAtSize(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for name, x := range samples(6000, random) {
		all, err := optimal(x, 9, effort{cells: 1 << 20, keep: 1 << 30, threads: 2}) // a cell for each value from the start
		require.NoError(t, err)
		for _, threads := range []int{1, 2, 3} {
			e := effort{cells: 64, keep: 1 << 24, threads: threads}
			got, err := optimal(x, 9, e)
			require.NoError(t, err)
			want := Variance(x, all)
			assert.InDelta(t, want, Variance(x, got), 1e-9*want, "%s, %d threads", name, threads)
			one, err := optimal(x, 9, effort{cells: 64, keep: 1 << 24, threads: 1})
			require.NoError(t, err)
			assert.Equal(t, one, got)
		}
	}
}

func TestFewValues(t *testing.T) {
	for _, c := range []struct {
		values, want []float32
		points       int
	}{
		{nil, []float32{}, 4},
		{[]float32{3}, []float32{3}, 4},
		{[]float32{3, 3, 3}, []float32{3}, 2},
		{[]float32{1, 2, 2, 3}, []float32{1, 2, 3}, 3},
		{[]float32{1, 2, 2, 3}, []float32{1, 3}, 2},
		{[]float32{-1, 0, 0, 0, 5}, []float32{-1, 0, 5}, 16},
	} {
		got, err := Optimal(c.values, c.points, 1)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
		got, excess, err := Approximate(c.values, c.points, 4, 1)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
		assert.Zero(t, excess)
	}
}

func TestBadValues(t *testing.T) {
	for _, c := range []struct {
		values []float64
		points int
		want   string
	}{
		{[]float64{1, 2}, 1, "1 points: a range needs at least 2"},
		{[]float64{2, 1, 3}, 2, "values 0 and 1, 2 and 1, do not ascend"},
		{[]float64{1, math.NaN()}, 2, "value 1 is NaN"},
		{[]float64{math.Inf(-1), 1}, 2, "value 0 is -Inf"},
	} {
		_, err := Optimal(c.values, c.points, 1)
		assert.ErrorContains(t, err, c.want)
		_, _, err = Approximate(c.values, c.points, 9, 1)
		assert.ErrorContains(t, err, c.want)
	}
}

// TestApproximate holds the certificate against the true optimum, and sees it shrink with more candidates.
func TestApproximate(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for name, x := range samples(3000, random) {
		best, err := Optimal(x, 8, 1)
		require.NoError(t, err)
		least := Variance(x, best)
		var last float64
		for _, candidates := range []int{16, 128, 1024} {
			got, excess, err := Approximate(x, 8, candidates, 2)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(got), 8)
			assert.LessOrEqual(t, Variance(x, got), least*(1+excess), "%s, %d candidates", name, candidates)
			last = excess
		}
		assert.Less(t, last, 0.5, "%s: the certificate with 1024 candidates", name)
	}
}

func TestUniform(t *testing.T) {
	assert.Equal(t, []float32{-1, -0.5, 0, 0.5, 1}, Uniform[float32](-1, 1, 5))
	assert.Equal(t, []float64{2}, Uniform(2.0, 2.0, 5))
	assert.Equal(t, []float32{1, 1 + 0x1p-23}, Uniform[float32](1, 1+0x1p-23, 4))
	wide := Uniform(-math.MaxFloat64, math.MaxFloat64, 3)
	assert.Equal(t, []float64{-math.MaxFloat64, 0, math.MaxFloat64}, wide)
	for points := 2; points < 70; points++ {
		x := Uniform[float32](-0.3, 1.7, points)
		require.Len(t, x, points)
		for k, v := range x {
			exact := new(big.Rat).SetFrac64(int64(k), int64(points-1))
			exact.Mul(exact, new(big.Rat).Sub(rational[float32](1.7), rational[float32](-0.3)))
			want, _ := exact.Add(exact, rational[float32](-0.3)).Float64()
			assert.InDelta(t, want, v, 1.2e-7)
		}
	}
}

func ExampleOptimal() {
	values := Sorted([]float32{0.1, -0.2, 0.15, 4, 0.12, 3.9, -0.1, 0.11}, 1)
	points, _ := Optimal(values, 4, 1)
	fmt.Println(points, Variance(values, points) < Variance(values, Uniform[float32](-0.2, 4, 4)))
	// Output: [-0.2 0.15 3.9 4] true
}
