package number

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stochasticFormats has every kind that rounds, with few values, so that all of them can be decoded.
var stochasticFormats = []string{
	"fixed:w6f3,sr,sat", "fixed:u5f2,sr4,sym", "fixed:w4f6,sr1,sat",
	"int:w5,scale=0.037,sr,sat", "int:w4,scale=max,block=row,sr,sym", "int:w6,scale=max,zero=auto,sr,sat", "int:w3,scale=mse,sr,sat", "int:w5,scale=pct90,sr8,sat",
	"bfp:w5e8,block=sample,sr,sat", "bfp:w4e3,block=7,sr,sat", "bfp:w6e8,block=3x5,sr11,sat",
	"float:e4m3fn,sr,sat", "float:e5m2ieee,sr,inf", "float:e2m1fn,sr3,sat", "float:e3m0fnuz,sr,sat", "float:e1m3noinf,sr,zero",
	"mx:e4m3,scale=floor,sr,sat", "mx:e2m1,scale=ceil,sr,sat", "mx:int8,scale=rne,sr6,sat", "nv:e2m1,sr,sat",
	"log2:w5g2,sr,sat", "posit:n8es2,sr", "posit:n6es0,sr7",
	"levels:9,optimal,sr", "levels:4,uniform,sr5",
}

// TestStochasticRoundingOfEveryKind rounds a tensor in many executions. With lower and upper the values around an
// element x, found among all values that its block's codes decode to, and p = (x-lower)/(upper-lower) cut to the random
// bits, the result has mean lower + p*step and variance p(1-p)*step^2. What is asserted, at fixed seeds:
//
//   - each result is lower or upper; beyond the ends, the end, zero or infinity, as the overflow mode says;
//   - each mean is within 5.5 standard errors, a two-sided confidence of 1 - 4e-8 for one element, above 99.9 % for all;
//   - the sum over the elements of the squared standardised deviations is within 6 standard deviations of its own mean,
//     the number of elements: the deviations are neither too large nor, as dependent draws would make them, too small;
//   - the bias, x less the exact mean, is at least 0 and less than 2^-bits steps.
func TestStochasticRoundingOfEveryKind(t *testing.T) {
	const (
		rows, columns = 12, 37
		executions    = 1200
	)
	random := rand.New(rand.NewPCG(42, 7))
	x := make([]float64, rows*columns)
	for i := range x {
		x[i] = random.NormFloat64() * math.Ldexp(1, random.IntN(5)-3)
	}
	for _, name := range stochasticFormats {
		f := MustParse(name)
		shape := []int{rows, columns}
		var scales Scales
		counts := make([]map[float64]int, len(x))
		got := make([]float64, len(x))
		for execution := range uint32(executions) {
			o := Options{Scales: &scales, Draw: Draw{Stream: NewStream(3, name), Execution: execution}}
			_, err := Quantize(f, got, x, shape, o)
			require.NoError(t, err)
			for i, v := range got {
				if counts[i] == nil {
					counts[i] = map[float64]int{}
				}
				counts[i][v]++
			}
		}
		var deviations, elements float64
		unit := math.Ldexp(1, -f.Rounding().Bits())
		for i, v := range x {
			values := blockValuesOf(f, &scales, scales.Blocks.Of(i))
			at, found := slices.BinarySearch(values, v)
			if found || at == 0 || at == len(values) {
				assert.Len(t, counts[i], 1, "%s: element %v on the grid or beyond its ends becomes %v", name, v, counts[i])
				continue
			}
			lower, upper := values[at-1], values[at]
			position := (v - lower) / (upper - lower)
			p := math.Floor(position/unit) * unit
			require.GreaterOrEqual(t, position-p, 0.0)
			require.Less(t, position-p, unit)
			up := counts[i][upper]
			require.Equal(t, executions, up+counts[i][lower], "%s: element %v between %v and %v becomes %v", name, v, lower, upper, counts[i])
			sigma := math.Sqrt(p * (1 - p) * executions)
			if sigma == 0 {
				require.Equal(t, p*executions, float64(up))
				continue
			}
			z := (float64(up) - p*executions) / sigma
			// Far from the middle, a count has the tail of a Poisson variable, not of a normal one.
			require.Less(t, math.Abs(z), 5.5+3/sigma, "%s: %v rounds up %d of %d times, p is %v", name, v, up, executions, p)
			deviations += z * z
			elements++
		}
		require.Greater(t, elements, 50.0, name)
		// The variance of a squared standardised binomial count is 2 + (1/(p(1-p)) - 6)/n, near 2 here.
		assert.InDelta(t, elements, deviations, 6*math.Sqrt(3*elements), name)
	}
}

// blockValuesOf returns what the codes of a block decode to, in ascending order.
func blockValuesOf(f Format, s *Scales, block int) []float64 {
	c := cellOf(f, s, block)
	lo, hi := f.CodeRange()
	var values []float64
	for code := lo; code <= hi; code++ {
		if p, ok := c.point(code); ok {
			if v := cellValue[float64](&c, p); v-v == 0 {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// TestElementsDrawForThemselves quantizes one tensor of ties and looks at which went up: elements, executions and tensors
// agree in half of the cases, to 5 standard errors.
func TestElementsDrawForThemselves(t *testing.T) {
	const n = 1 << 16
	x := make([]float32, n)
	for i := range x {
		x[i] = 0.5
	}
	ups := func(execution uint32, tensor string, f string) []bool {
		got := make([]float32, n)
		_, err := Quantize(MustParse(f), got, x, []int{n}, Options{Draw: Draw{Stream: NewStream(1, tensor), Execution: execution}})
		require.NoError(t, err)
		up := make([]bool, n)
		for i, v := range got {
			up[i] = v > 0.5
		}
		return up
	}
	// 0.5 lies in the middle of two values of each.
	for _, f := range []string{"fixed:w8f0,sr,sat", "int:w8,scale=1,sr1,sat", "levels:2,uniform,sr"} {
		if f == "levels:2,uniform,sr" {
			x[0], x[1] = 0, 1
		}
		first := ups(0, "a", f)
		for name, second := range map[string][]bool{
			"execution": ups(1, "a", f), "tensor": ups(0, "b", f), "neighbour": append(first[1:n:n], first[0]), "128 on": append(first[128:n:n], first[:128]...),
		} {
			agree := 0
			for i := range first {
				if first[i] == second[i] {
					agree++
				}
			}
			assert.InDelta(t, n/2, agree, 5*math.Sqrt(n)/2, "%s: another %s", f, name)
		}
	}
}
