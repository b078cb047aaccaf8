package number

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStochasticMeanAndVariance rounds one value many times. With p the distance to the lower neighbour in steps, cut
// to the random bits, the codes have mean p and variance p(1-p); both are checked to 5 standard errors. Seeds are
// fixed, so the test is not random.
func TestStochasticMeanAndVariance(t *testing.T) {
	const n = 1 << 18
	for _, c := range []struct {
		format string
		x      float64
		bits   int
	}{
		{"fixed:w8f0,sr,sat", 0.3, 16},
		{"fixed:w8f0,sr,sat", -5.9, 16},
		{"fixed:w8f0,sr,sat", 1.0 / 65536, 16},
		{"fixed:w8f0,sr,sat", 1.0 / 131072, 16}, // below the bits: never up
		{"fixed:w8f0,sr2,sat", 0.3, 2},
		{"fixed:w8f0,sr1,sat", 7.5, 1},
		{"fixed:w8f4,sr8,sat", 0.3, 8},
		{"int:w8,scale=0.037,sr,sat", 0.5, 16},
		{"fixed:w8f0,sr,sat", 3, 16}, // on the grid: stays
	} {
		f := MustParse(c.format)
		x := make([]float64, n)
		for i := range x {
			x[i] = c.x
		}
		codes := make([]int32, n)
		_, err := Encode(f, codes, x, []int{n}, Options{Draw: Draw{Stream: NewStream(17, c.format)}})
		require.NoError(t, err)
		var sum, squares float64
		for _, code := range codes {
			sum += float64(code)
			squares += float64(code) * float64(code)
		}
		mean := sum / n
		variance := squares/n - mean*mean
		position := c.x / f.Step()
		whole := math.Floor(position)
		unit := math.Ldexp(1, -c.bits)
		p := math.Floor((position-whole)/unit) * unit
		assert.InDelta(t, whole+p, mean, 5*math.Sqrt(p*(1-p)/n), "mean of %s at %v", c.format, c.x)
		fourth := p * (1 - p) * (1 - 3*p*(1-p)) // central moment of a Bernoulli variable
		assert.InDelta(t, p*(1-p), variance, 5*math.Sqrt(math.Max(fourth-p*p*(1-p)*(1-p), 0)/n)+25*p*(1-p)/n+1e-9, "variance of %s at %v", c.format, c.x)
		assert.LessOrEqual(t, position-(whole+p), unit, "the bias bound")
	}
}

// TestStochasticOverAllBits counts over all 2^16 random numbers: exactly floor(fraction * 2^16) of them round up.
func TestStochasticOverAllBits(t *testing.T) {
	for _, c := range []struct {
		format string
		x      float64
		up     int
	}{
		{"fixed:w8f0,sr,sat", 0.5, 1 << 15},
		{"fixed:w8f0,sr,sat", -0.25, 3 << 14},
		{"fixed:w8f0,sr,sat", 2, 0},
		{"fixed:w8f0,sr,sat", math.Nextafter(1, 0), 1<<16 - 1},
		{"fixed:w8f0,sr4,sat", 0.51, 8 << 12},
		{"fixed:w8f0,sr,sat", -math.SmallestNonzeroFloat64, 1<<16 - 1},
	} {
		f := MustParse(c.format)
		up := 0
		for r := range uint32(1 << 16) {
			code, _ := f.Round(c.x, 1, 0, r)
			if code == int64(math.Floor(c.x))+1 {
				up++
			} else {
				require.Equal(t, int64(math.Floor(c.x)), code)
			}
		}
		assert.Equal(t, c.up, up, "%s at %v", c.format, c.x)
	}
}

// TestDrawsAreIndependent correlates the draws of neighbouring elements, executions, domains and streams.
func TestDrawsAreIndependent(t *testing.T) {
	const n = 1 << 15
	base := Draw{Stream: NewStream(1, "a")}
	draws := func(d Draw, shift uint64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = float64(d.Bits(uint64(i)+shift))/65536 - 0.5 + 1.0/131072
		}
		return out
	}
	first := draws(base, 0)
	for name, second := range map[string][]float64{
		"next element":   draws(base, 1),
		"next vector":    draws(base, 16),
		"other half":     draws(base, 64),
		"next group":     draws(base, 128),
		"next execution": draws(Draw{Stream: base.Stream, Execution: 1}, 0),
		"other domain":   draws(Draw{Stream: base.Stream, Domain: Evaluation}, 0),
		"other name":     draws(Draw{Stream: NewStream(1, "b")}, 0),
		"other seed":     draws(Draw{Stream: NewStream(2, "a")}, 0),
	} {
		var product float64
		for i := range first {
			product += first[i] * second[i]
		}
		// The mean of products of independent uniform numbers of variance 1/12 has standard error 1/12/sqrt(n).
		assert.InDelta(t, 0, product/n, 5.0/12/math.Sqrt(n), name)
	}
}
