package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPercentileScales compares with the definition: as many magnitudes are at most the scale's range as the percentile
// says, and with the next smaller magnitude there would be fewer.
func TestPercentileScales(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, percent := range []float64{0.01, 50, 90, 99, 99.9, 100} {
		f := MustParse(fmt.Sprintf("int:w8,scale=pct%v,rne,sat", percent))
		for _, n := range []int{1, 2, 10, 999, 1000} {
			x := make([]float64, n)
			for i := range x {
				x[i] = random.NormFloat64()
			}
			var scales Scales
			_, err := Quantize(f, make([]float64, n), append([]float64{}, x...), []int{n}, Options{Scales: &scales})
			require.NoError(t, err)
			magnitudes := make([]float64, n)
			for i, v := range x {
				magnitudes[i] = math.Abs(v)
			}
			slices.Sort(magnitudes)
			i := slices.IndexFunc(magnitudes, func(m float64) bool { return float64(float32(m/127)) == scales.Step[0] })
			require.GreaterOrEqual(t, i, 0, "the scale %v comes from no magnitude", scales.Step[0])
			assert.GreaterOrEqual(t, float64(i+1)*100, percent*float64(n), "%v of %d", f, n)
			assert.True(t, i == 0 || float64(i)*100 < percent*float64(n), "%v of %d: rank %d is too high", f, n, i+1)
		}
	}
	var scales Scales
	x := []float64{-1, 0, 1, 2, 3, 4, 5, 6, 7, 1000, math.NaN(), math.Inf(1)}
	_, err := Quantize(MustParse("int:w8,scale=pct90,zero=auto,rne,sat"), make([]float64, len(x)), x, []int{len(x)}, Options{Scales: &scales})
	require.NoError(t, err)
	assert.Equal(t, []float64{float64(float32(7.0 / 255))}, scales.Step) // of 10 elements, the 9th is 7, the 2nd 0
	assert.Equal(t, []int32{-128}, scales.Zero)
}

// TestLeastSquaresScales compares with every scale of a fine sweep, whose errors Quantize itself makes.
func TestLeastSquaresScales(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for _, width := range []int{2, 3, 4, 8} {
		x := make([]float64, 500)
		var most float64
		for i := range x {
			x[i] = random.NormFloat64() * math.Exp(random.NormFloat64())
			most = max(most, math.Abs(x[i]))
		}
		noise := func(f Format) (sum float64, step float64) {
			got := make([]float64, len(x))
			var scales Scales
			_, err := Quantize(f, got, append([]float64{}, x...), []int{len(x)}, Options{Scales: &scales})
			require.NoError(t, err)
			for i := range x {
				sum += (x[i] - got[i]) * (x[i] - got[i])
			}
			return sum, scales.Step[0]
		}
		f := MustParse(fmt.Sprintf("int:w%d,scale=mse,rne,sat", width))
		least, step := noise(f)
		for i := range 4000 {
			tried := most * math.Exp2(-float64(i)/500) / (math.Exp2(float64(width-1)) - 1)
			e, _ := noise(f.WithScale(tried))
			require.LessOrEqual(t, least, e*1.1, "%v: scale %v has error %v, %v would have %v", f, step, least, tried, e)
		}
		widest, _ := noise(MustParse(fmt.Sprintf("int:w%d,scale=max,rne,sat", width)))
		assert.LessOrEqual(t, least, widest)
	}
}

// TestScalesOfNothing looks at blocks that have no finite element, or none at all.
func TestScalesOfNothing(t *testing.T) {
	for _, rule := range []string{"max", "pct99", "mse"} {
		f := MustParse("int:w8,scale=" + rule + ",rne,sat")
		for _, x := range [][]float32{{}, {0, 0}, {float32(math.NaN()), float32(math.Inf(-1))}} {
			var scales Scales
			got := make([]float32, len(x))
			_, err := Quantize(f, got, x, []int{len(x)}, Options{Scales: &scales})
			require.NoError(t, err)
			assert.Equal(t, []float64{1}, scales.Step, "%v of %v", f, x)
			if len(x) == 2 && x[0] != 0 {
				assert.Equal(t, []float32{0, -128}, got)
			}
		}
	}
}
