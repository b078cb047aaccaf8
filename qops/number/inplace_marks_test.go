package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Which elements were clipped does not depend on where the values go: they may take the elements' place, as plans let them.
func TestMarksOfTensorsThatAreRoundedInPlace(t *testing.T) {
	marked := 0
	for i, name := range []string{
		"fixed:w8f4,rne,sat", "fixed:w8f4,sr,sat", "fixed:w6f2,rne,wrap", "bfp:w8e3,block=sample,rne,sat", "bfp:w8e3,block=sample,sr,sym", "bfp:w8e8,block=sample,sr,sym+qpytorch",
		"float:e4m3fn,rne,sat", "float:e5m2ieee,sr,inf", "int:w8,scale=0.037,rne,sat", "mx:e4m3,scale=floor,rne,sat", "fixed:w8f4,rne,zero",
	} {
		f := MustParse(name)
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		for _, threads := range []int{1, 3} {
			shape := []int{4, 3000}
			src := make([]float32, 12000)
			for e := range src {
				src[e] = float32(rng.NormFloat64() * math.Ldexp(1, rng.IntN(14)-6))
			}
			clipped := [2][]bool{make([]bool, len(src)), make([]bool, len(src))}
			apart, place := make([]float32, len(src)), append([]float32(nil), src...)
			draw := Draw{Stream: NewStream(1, name)}
			wantStats, err := Quantize(f, apart, src, shape, Options{Clipped: clipped[0], Draw: draw, Threads: threads})
			require.NoError(t, err)
			stats, err := Quantize(f, place, place, shape, Options{Clipped: clipped[1], Draw: draw, Threads: threads})
			require.NoError(t, err)
			require.Equal(t, wantStats, stats, name)
			requireSame(t, apart, place, name)
			require.Equal(t, clipped[0], clipped[1], name)
			count := uint64(0)
			for _, c := range clipped[1] {
				if c {
					count++
				}
			}
			require.Equal(t, stats.Clipped, count, name)
			if count > 0 {
				marked++
			}
		}
	}
	require.Greater(t, marked, 8)
}
