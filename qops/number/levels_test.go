package number

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halftone-go/halftone/qops/number/levels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// levelRoundings are those that levels take.
func levelRoundings() []string {
	return slices.DeleteFunc(allRoundings(), func(name string) bool { return name == "trunc" || name == "rna" || name == "rnz" })
}

// defineLevel rounds between ascending points: the index, and whether overflow acted.
func defineLevel(points []float64, x float64, rounding string, bits int, r uint32) (index int64, clipped bool) {
	last := len(points) - 1
	if math.IsNaN(x) {
		for i, p := range points {
			if math.Abs(p) < math.Abs(points[index]) || math.Abs(p) == math.Abs(points[index]) && p > 0 {
				index = int64(i)
			}
		}
		return index, false
	}
	if x < points[0] || x > points[last] {
		if x > points[last] {
			index = int64(last)
		}
		return index, true
	}
	for i, p := range points {
		if p <= x {
			index = int64(i)
		}
	}
	q := big.NewRat(index, 1)
	if a := points[index]; a != x {
		rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
		q.Add(q, new(big.Rat).Quo(new(big.Rat).Sub(rat(x), rat(a)), new(big.Rat).Sub(rat(points[index+1]), rat(a))))
	}
	return defineRounding(rounding, bits, q, r).Int64(), false
}

// levelPoints are ascending points of many shapes: with and without zero, one alone, so unlike that differences are not
// exact in float64.
func levelPoints(random *rand.Rand) [][]float64 {
	out := [][]float64{
		{-1, 0, 1},
		{-1, 1},
		{3, 5, 5.5},
		{-7, -4, -0.5},
		{0},
		{2},
		{-3, 0},
		{0, 1, 2, 4, 8, 16},
		{-math.MaxFloat32, -1, math.SmallestNonzeroFloat32, math.MaxFloat32},
		{1, 1 + 0x1p-23, 1e30},
		{-1e-30, 1e30},
		{-1e20, 1e-20, 2e20},
	}
	for range 6 {
		points := make([]float64, 16)
		for i := range points {
			points[i] = float64(float32(random.NormFloat64() * math.Ldexp(1, random.IntN(60)-30)))
		}
		slices.Sort(points)
		out = append(out, slices.Compact(points))
	}
	return out
}

func TestLevelsAreTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, points := range levelPoints(random) {
		padded := append(slices.Clone(points), points[len(points)-1], points[len(points)-1])
		var elements []float64
		for i, p := range points {
			next := points[min(i+1, len(points)-1)]
			for _, x := range []float64{p, p + (next-p)/2, p + (next-p)/3, p + (next-p)*0x1p-16, p + (next-p)*0.75} {
				elements = append(elements, x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, math.Inf(-1)))
			}
		}
		elements = append(elements, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0x1p-149, -1e300, 1e300)
		for _, rounding := range levelRoundings() {
			f := MustParse(fmt.Sprintf("levels:%d,uniform,%s", len(padded), rounding))
			c := cellOf(f, &Scales{Step: []float64{1}, Points: padded}, 0)
			for i, x := range elements {
				r := draws[i%len(draws)]
				want, wantClipped := defineLevel(points, x, rounding, f.Rounding().Bits(), r)
				p, clipped := c.round(x, r)
				require.True(t, c.code(p) == want && clipped == wantClipped, "%s between %v: x = %v, r %#x: want %d (%v), got %d (%v)",
					rounding, points, x, r, want, wantClipped, c.code(p), clipped)
				require.True(t, same(points[want]+0, cellValue[float64](&c, p)))
				require.Equal(t, points[want] == 0, p.ordinal == 0)
			}
		}
	}
}

// TestLevelsOfBlocks compares the levels of every block with those of its elements alone.
func TestLevelsOfBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	shape := []int{4, 6, 50}
	for _, choice := range []string{"optimal", "quantile", "uniform"} {
		for _, blocks := range []string{"", ",block=sample", ",block=channel", ",block=row", ",block=32", ",block=5x7"} {
			f := MustParse("levels:5," + choice + blocks + ",sr")
			x := make([]float32, 1200)
			for i := range x {
				x[i] = float32(random.NormFloat64())
			}
			x[7], x[700], x[1199] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
			var scales Scales
			codes := make([]int32, len(x))
			_, err := Encode(f, codes, x, shape, Options{ChannelAxis: 1, Scales: &scales, Threads: 2})
			require.NoError(t, err)
			members := make([][]float32, scales.Blocks.Count)
			for e, v := range x {
				if v-v == 0 {
					members[scales.Blocks.Of(e)] = append(members[scales.Blocks.Of(e)], v)
				}
			}
			for b, block := range members {
				slices.Sort(block)
				got := make([]float32, 5)
				for i, p := range scales.Points[5*b:][:5] {
					got[i] = float32(p)
				}
				if len(block) == 0 { // the tile of a NaN
					require.Equal(t, make([]float32, 5), got)
					continue
				}
				require.Equal(t, []float32{block[0], block[len(block)-1]}, []float32{got[0], got[4]})
				best, err := levels.Optimal(block, 5, 1)
				require.NoError(t, err)
				switch least, variance := levels.Variance(block, best), levels.Variance(block, got); choice {
				case "optimal":
					assert.InDelta(t, least, variance, 1e-12*least)
				case "quantile":
					assert.LessOrEqual(t, variance, 1.05*least)
				default:
					for i, p := range got {
						assert.InDelta(t, block[0]+(block[len(block)-1]-block[0])*float32(i)/4, p, 1e-5)
					}
				}
			}
			direct, decoded := make([]float32, len(x)), make([]float32, len(x))
			_, err = Quantize(f, direct, x, shape, Options{ChannelAxis: 1, Threads: 1})
			require.NoError(t, err)
			require.NoError(t, Decode(f, decoded, codes, shape, &scales, 1))
			assert.Equal(t, direct, decoded, "%v", f)
		}
	}
}

// TestLevelsAreUnbiased: the mean of stochastic rounding over all draws is the element, to what 16 bits can say.
func TestLevelsAreUnbiased(t *testing.T) {
	f := MustParse("levels:4,optimal,sr")
	points := []float64{-3, -0.25, 1, 40}
	c := cellOf(f, &Scales{Step: []float64{1}, Points: points}, 0)
	for _, x := range []float64{-3, -2.9, -0.3, 0, 0.7, 1.1, 22, 39.99} {
		sum, largest := 0.0, 0.0
		for r := range uint32(1 << 16) {
			p, _ := c.round(x, r)
			v := cellValue[float64](&c, p)
			sum += v
			largest = max(largest, math.Abs(v-x))
		}
		gap := points[min(int(mustIndex(points, x))+1, 3)] - points[mustIndex(points, x)]
		assert.InDelta(t, x, sum/(1<<16), gap*0x1p-16+1e-12)
		assert.LessOrEqual(t, largest, gap)
	}
}

func mustIndex(points []float64, x float64) int64 {
	i, _ := defineLevel(points, x, "floor", 0, 0)
	return i
}

// TestLevelsCorners: few values, none, values that a float32 has not.
func TestLevelsCorners(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		x, want []float64
		points  []float64
		stats   Stats
	}{
		{[]float64{}, []float64{}, []float64{0, 0, 0}, Stats{}},
		{[]float64{nan, inf, -inf}, []float64{0, 0, 0}, []float64{0, 0, 0}, Stats{Count: 3, NaN: 1, Inf: 2, Clipped: 2}},
		{[]float64{5, 5, nan}, []float64{5, 5, 5}, []float64{5, 5, 5}, Stats{Count: 3, NaN: 1}},
		{[]float64{2, -1, inf, nan}, []float64{2, -1, 2, -1}, []float64{-1, 2, 2}, Stats{Count: 4, NaN: 1, Inf: 1, Clipped: 1}},
		{[]float64{0.1, 0.3}, []float64{float64(math.Nextafter32(0.1, 0)), float64(float32(0.3))}, []float64{float64(math.Nextafter32(0.1, 0)), float64(float32(0.3)), float64(float32(0.3))}, Stats{Count: 2}},
		{[]float64{1e300, 1, -1}, []float64{math.MaxFloat32, 1, -1}, []float64{-1, 1, math.MaxFloat32}, Stats{Count: 3, Clipped: 1}},
		{[]float64{0, math.Copysign(0, -1), 1e-30, 3}, []float64{0, 0, float64(float32(1e-30)), 3}, []float64{0, float64(float32(1e-30)), 3}, Stats{Count: 4}},
	} {
		got := make([]float64, len(c.x))
		var scales Scales
		stats, err := Quantize(MustParse("levels:3,optimal,rne"), got, c.x, []int{len(c.x)}, Options{Scales: &scales})
		require.NoError(t, err)
		assert.Equal(t, c.points, scales.Points, "%v", c.x)
		for i := range got {
			assert.True(t, same(c.want[i], got[i]), "%v became %v", c.x, got)
		}
		assert.Equal(t, c.stats, stats, "%v", c.x)
	}
}

// TestLevelsFromOutside: the same levels for tensors that did not choose them.
func TestLevelsFromOutside(t *testing.T) {
	f := MustParse("levels:4,run,block=row,rne")
	scales := &Scales{Blocks: Blocks{Count: 2, Inner: 3}, Step: []float64{1, 1}, Points: []float64{-1, 0, 2, 5, 0.5, 1, 1, 1}}
	x, y := []float32{-7, 0.9, 3.5, 0.7, 0.8, 1.5}, make([]float32, 6)
	stats, err := Quantize(f, y, x, []int{2, 3}, Options{Scales: scales})
	require.NoError(t, err)
	assert.Equal(t, []float32{-1, 0, 2, 0.5, 1, 1}, y) // 3.5 is a tie of codes 2 and 3
	assert.Equal(t, Stats{Count: 6, Clipped: 2, Underflowed: 1}, stats)
	_, err = Quantize(f, y, x, []int{2, 3}, Options{})
	require.ErrorContains(t, err, "takes its scales from outside")
	scales.Points = scales.Points[:4]
	_, err = Quantize(f, y, x, []int{2, 3}, Options{Scales: scales})
	require.ErrorContains(t, err, "4 points in the scales, 2 blocks have 4 each")
	assert.Equal(t, FromFormat, f.ScalesFrom())
}

func TestLevelsRefuse(t *testing.T) {
	f := MustParse("levels:3,optimal,rne")
	blocks := Blocks{Count: 1, Inner: 1}
	for _, c := range []struct {
		code   int32
		points []float64
		want   string
	}{
		{3, []float64{1, 2, 3}, "code 3"},
		{-1, []float64{1, 2, 3}, "code -1"},
		{0, []float64{1, 3, 2}, "points that no block can have"},
		{0, []float64{1, 3, math.NaN()}, "points that no block can have"},
		{0, []float64{1, 3}, "2 points in the scales"},
	} {
		err := Decode(f, make([]float64, 1), []int32{c.code}, []int{1}, &Scales{Blocks: blocks, Step: []float64{1}, Points: c.points}, 0)
		require.ErrorContains(t, err, c.want)
	}
	require.ErrorContains(t, Decode(f, make([]float64, 1), []int32{0}, []int{1}, nil, 0), "none were given")
}

func TestLevelsStrings(t *testing.T) {
	requireCanonical(t, map[string]string{
		"levels:16,sr,optimal":                  "levels:16,optimal,sr",
		"levels:16,sr8,run":                     "levels:16,run,sr8",
		"levels:256,uniform,block=channel,rne":  "levels:256,uniform,block=channel,rne",
		"levels:2,floor,block=tensor,quantile":  "levels:2,quantile,floor",
		"levels:3,block=32,axis=0,optimal,sr16": "levels:3,optimal,block=32,axis=0,sr",
	})
	requireFaults(t, []fault{
		{"levels", 6, "the number of levels must be a whole number in 2 to 256"},
		{"levels:1,optimal,sr", 7, "in 2 to 256, got \"1\""},
		{"levels:257,optimal,sr", 7, "in 2 to 256"},
		{"levels:16,sr", 12, "the choice of the levels is missing: one of optimal quantile uniform run"},
		{"levels:16,optimal", 17, "the rounding is missing"},
		{"levels:16,optimal,uniform,sr", 18, "a second choice of the levels"},
		{"levels:16,optimum,sr", 10, "expected a choice of the levels (optimal quantile uniform run) or a rounding"},
		{"levels:16,optimal,sr,sat", 21, "nothing overflows: leave sat out"},
		{"levels:16,optimal,trunc", 18, "use floor, ceil or rne in place of trunc"},
		{"levels:16,optimal,rna", 18, "in place of rna"},
		{"levels:16,optimal,sr,scale=max", 21, "unknown option"},
	})
	for input, nearest := range map[string]string{
		"levels:8,unifrom,sr,block=row": "levels:8,uniform,block=row,sr",
		"levels:8,odd":                  "levels:8,optimal,odd",
		"levels:999,quantile,rne":       "levels:16,quantile,rne",
		"levels:9,uniform":              "levels:9,uniform,rne",
	} {
		_, err := Parse(input)
		var wrong *ParseError
		require.ErrorAs(t, err, &wrong, input)
		assert.Equal(t, nearest, wrong.Nearest, input)
	}
	d := MustParse("levels:16,optimal,sr").Describe()
	assert.Equal(t, "min x max x 4 512 16 4 bits per value, and 512 for each block becomes the level nearest to 0",
		fmt.Sprint(d.Lowest, " ", d.Highest, " ", d.BitsPerElement, " ", d.BitsPerBlock, " ", d.Codes, " ", d.Storage, " ", d.NaN))
}
