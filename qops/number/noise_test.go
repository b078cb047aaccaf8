package number

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSQNR compares with sums in big arithmetic, at several numbers of threads, in place and not.
func TestSQNR(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	x := make([]float32, 30000)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	x[7], x[8] = float32(math.NaN()), float32(math.Inf(1))
	for _, s := range []string{"fixed:w8f4,rne,sat", "bfp:w8e8,block=sample,sr,sat", "float:e5m2ieee,rne,inf", "mx:e2m1,scale=floor,rne,sat"} {
		f := MustParse(s)
		var signal, noise big.Float
		got := make([]float32, len(x))
		_, err := Quantize(f, got, x, []int{100, 300}, Options{})
		require.NoError(t, err)
		for i, v := range x {
			d := float64(v) - float64(got[i])
			if !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) {
				signal.Add(&signal, new(big.Float).SetFloat64(float64(v)*float64(v)))
				if !math.IsNaN(d) {
					noise.Add(&noise, new(big.Float).SetFloat64(d*d))
				}
			}
		}
		var first Stats
		for _, threads := range []int{1, 2, 3, 7} {
			inPlace := append([]float32{}, x...)
			stats, err := Quantize(f, inPlace, inPlace, []int{100, 300}, Options{Threads: threads, Noise: true})
			require.NoError(t, err)
			if threads == 1 {
				first = stats
			}
			assert.Equal(t, first, stats, "%v at %d threads", f, threads)
			assert.True(t, sameNumbers(got, inPlace))
		}
		wantSignal, _ := signal.Float64()
		wantNoise, _ := noise.Float64()
		assert.InEpsilon(t, wantSignal, first.Signal, 1e-12)
		assert.InEpsilon(t, wantNoise, first.Noise, 1e-12)
		assert.InDelta(t, 10*math.Log10(wantSignal/wantNoise), first.SQNR(), 1e-9)
	}
}
