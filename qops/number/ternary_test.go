package number

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ratMean returns the mean of the magnitudes above a bound, 0 if there is none, rounded to float64 once.
func ratMean(x []float64, above float64) float64 {
	sum, n := new(big.Rat), int64(0)
	for _, v := range x {
		if v = math.Abs(v); v-v == 0 && v > above {
			sum.Add(sum, new(big.Rat).SetFloat64(v))
			n++
		}
	}
	if n == 0 {
		return 0
	}
	mean, _ := sum.Quo(sum, new(big.Rat).SetInt64(n)).Float64()
	return mean
}

// dyadic returns multiples of 2^-10, whose sums are exact in any order, with a few that are no numbers.
func dyadic(n int, random *rand.Rand) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Round(random.NormFloat64()*1024) / 1024
		switch random.IntN(40) {
		case 0:
			x[i] = math.NaN()
		case 1:
			x[i] = math.Inf(1 - 2*random.IntN(2))
		case 2:
			x[i] = math.Copysign(0, -1)
		}
	}
	return x
}

// TestTernaryAndBinaryAreTheDefinition computes every block from its elements with exact sums.
func TestTernaryAndBinaryAreTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		format    string
		threshold float64 // below 0: binary; below -1: of 1
	}{
		{"ternary:t0.7", 0.7}, {"ternary:t0.05", 0.05}, {"ternary:t1.5", 1.5}, {"ternary:t40", 40}, {"binary:scaled", -1}, {"binary:unit", -2},
	} {
		for _, blocks := range []string{"", ",block=sample", ",block=channel", ",block=7", ",block=1000", ",block=4x3"} {
			if c.threshold < -1 && blocks != "" {
				continue
			}
			f := MustParse(c.format + blocks)
			shape := []int{6, 5, 9}
			x := dyadic(6*5*9, random)
			want, wantClipped := make([]float64, len(x)), make([]bool, len(x))
			layout, err := f.Blocks(shape, 1)
			require.NoError(t, err)
			members := make([][]float64, layout.Count)
			for e, v := range x {
				members[layout.Of(e)] = append(members[layout.Of(e)], v)
			}
			for e, v := range x {
				block := members[layout.Of(e)]
				mean := ratMean(block, -1)
				a := float64(float32(mean))
				switch {
				case c.threshold > 0:
					delta := c.threshold * mean
					a = float64(float32(ratMean(block, delta)))
					if math.Abs(v) > delta {
						want[e] = math.Copysign(a, v)
					}
					wantClipped[e] = math.IsInf(v, 0)
				case c.threshold < -1:
					a = 1
					fallthrough
				default:
					want[e] = a
					if v < 0 {
						want[e] = -a
					}
					wantClipped[e] = math.Abs(v) > 1
				}
			}
			got, clipped := make([]float64, len(x)), make([]bool, len(x))
			_, err = Quantize(f, got, x, shape, Options{ChannelAxis: 1, Clipped: clipped})
			require.NoError(t, err)
			require.Equal(t, want, got, "%v", f)
			require.Equal(t, wantClipped, clipped, "%v", f)
			checkTernaryCodes(t, f, x, want, shape)
		}
	}
}

// checkTernaryCodes encodes, decodes, and packs.
func checkTernaryCodes(t *testing.T, f Format, x, want []float64, shape []int) {
	t.Helper()
	codes, values := make([]int32, len(x)), make([]float64, len(x))
	var scales Scales
	_, err := Encode(f, codes, x, shape, Options{ChannelAxis: 1, Scales: &scales})
	require.NoError(t, err)
	for e, code := range codes {
		if f.Kind() == "binary" {
			code = 2*code - 1
		}
		require.Equal(t, want[e], float64(code)*scales.Step[scales.Blocks.Of(e)])
	}
	packed, err := Pack(f, codes, &scales)
	require.NoError(t, err)
	back, read, err := Unpack(f, packed, shape, 1)
	require.NoError(t, err)
	require.Equal(t, codes, back)
	require.NoError(t, Decode(f, values, back, shape, read, 1))
	require.Equal(t, want, values)
}

// TestMeans: any numbers within an ulp of the exact mean, however many threads and however large the numbers.
func TestMeans(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for _, unit := range []float64{1, 0x1p-148, 0x1p126, 0x1p1020, 0x1p-1070} {
		x := make([]float64, 100_000)
		for i := range x {
			x[i] = random.NormFloat64() * unit
		}
		exact := ratMean(x, -1)
		assert.InEpsilon(t, exact, meanOf(finiteMagnitudes(append([]float64{}, x...))), 1e-14)
		wanted := min(max(exact, math.SmallestNonzeroFloat32), math.MaxFloat32)
		for _, threads := range []int{1, 2, 5} {
			var scales Scales
			y := make([]float64, len(x))
			_, err := Quantize(MustParse("binary:scaled"), y, x, []int{len(x)}, Options{Threads: threads, Scales: &scales})
			require.NoError(t, err)
			assert.InDelta(t, wanted, scales.Step[0], 0x1p-23*wanted+0x1p-150)
		}
	}
}

// TestTernaryAndBinaryCorners: zeros, single elements, nothing but NaN and infinities, nothing at all.
func TestTernaryAndBinaryCorners(t *testing.T) {
	nan, inf, minus := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	for _, c := range []struct {
		format  string
		x, want []float64
		stats   Stats
	}{
		{"ternary:t0.7", []float64{0, minus, 0}, []float64{0, 0, 0}, Stats{Count: 3}},
		{"ternary:t0.7", []float64{-3}, []float64{-3}, Stats{Count: 1}},
		{"ternary:t1", []float64{-3, 3}, []float64{0, 0}, Stats{Count: 2, Underflowed: 2}},
		{"ternary:t1", []float64{3, 1, -2}, []float64{3, 0, 0}, Stats{Count: 3, Underflowed: 2}}, // 2 is not beyond 2
		{"ternary:t0.7", []float64{nan, inf, 2, -0.1}, []float64{0, 2, 2, 0}, Stats{Count: 4, NaN: 1, Inf: 1, Clipped: 1, Underflowed: 1}},
		{"ternary:t0.7", []float64{nan, -inf}, []float64{0, 0}, Stats{Count: 2, NaN: 1, Inf: 1, Clipped: 1}},
		{"binary:scaled", []float64{0, minus}, []float64{0, 0}, Stats{Count: 2}},
		{"binary:scaled", []float64{0, minus, -3, nan}, []float64{1, 1, -1, 1}, Stats{Count: 4, NaN: 1, Clipped: 1}},
		{"binary:unit", []float64{0, minus, -0x1p-149, nan, -inf, 1}, []float64{1, 1, -1, 1, -1, 1}, Stats{Count: 6, NaN: 1, Inf: 1, Clipped: 1}},
		{"ternary:t0.7", []float64{}, []float64{}, Stats{}},
		{"binary:scaled", []float64{}, []float64{}, Stats{}},
	} {
		got := make([]float64, len(c.x))
		stats, err := Quantize(MustParse(c.format), got, c.x, []int{len(c.x)}, Options{})
		require.NoError(t, err)
		require.Len(t, got, len(c.want))
		for i := range got {
			assert.True(t, same(c.want[i], got[i]), "%s of %v: %v", c.format, c.x, got)
		}
		assert.Equal(t, c.stats, stats, "%s of %v", c.format, c.x)
	}
	require.ErrorContains(t, Decode(MustParse("ternary:t0.7"), make([]float64, 1), []int32{-2}, []int{1}, &Scales{
		Blocks: Blocks{Count: 1, Inner: 1}, Step: []float64{1}, Points: []float64{1},
	}, 0), "code -2")
	require.ErrorContains(t, Decode(MustParse("binary:unit"), make([]float64, 1), []int32{2}, []int{1}, nil, 0), "code 2")
}

func TestTernaryAndBinaryStrings(t *testing.T) {
	requireCanonical(t, map[string]string{
		"ternary:t0.70":               "ternary:t0.7",
		"ternary:t1e-3,block=channel": "ternary:t0.001,block=channel",
		"ternary:t1e9":                "ternary:t1e09",
		"binary:scaled,block=tensor":  "binary:scaled",
		"binary:scaled,block=2x2":     "binary:scaled,block=2x2",
		"binary:unit":                 "binary:unit",
	})
	requireFaults(t, []fault{
		{"ternary", 7, "the threshold is missing: write t"},
		{"ternary:t0", 9, "must be a positive number"},
		{"ternary:tnan", 9, "must be a positive number"},
		{"ternary:t0.7,rne", 13, "ternary goes by a threshold alone: leave rne out"},
		{"ternary:t0.7,sat", 13, "leave sat out"},
		{"ternary:t0.7,scale=max", 13, "unknown option"},
		{"binary:", 7, "the size of the values is missing: one of scaled unit"},
		{"binary:unit,block=32", 12, "binary:unit takes no option"},
		{"binary:scaled,sr", 14, "binary goes by the sign"},
		{"binary:scaled,what", 14, "takes neither a rounding nor an overflow"},
	})
	for s, want := range map[string]string{
		"ternary:t0.7,block=32": "-a; a; a 2 32 3 bits per value: 2, and 32 for each block of 32 straight through",
		"binary:scaled":         "-a; a; 2 * a 1 32 1 bits per value, and 32 for each block straight through; 0 where |x| > 1, if asked for (clipped: zero)",
		"binary:unit":           "-1; 1; 2 1 0 1 bits per value straight through; 0 where |x| > 1, if asked for (clipped: zero)",
	} {
		d := MustParse(s).Describe()
		assert.Equal(t, want, fmt.Sprint(d.Lowest, "; ", d.Highest, "; ", d.Step, " ", d.BitsPerElement, " ", d.BitsPerBlock, " ", d.Storage, " ", d.Gradient))
	}
}
