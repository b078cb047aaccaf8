package round

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestSearchOfSpecialElements(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		inf, nan, negative := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
		for _, c := range []struct {
			src       []float32
			low, high float32
		}{
			{nil, 0, 0},
			{[]float32{inf, nan, -inf}, 0, 0},
			{[]float32{1, inf, -math.MaxFloat32, nan}, -math.MaxFloat32, 1},
			{[]float32{negative, nan}, 0, 0},
			{[]float32{-3, -2, math.Float32frombits(0xffffffff)}, -3, 0},
			{[]float32{math.SmallestNonzeroFloat32, math.Float32frombits(0x7f800001)}, 0, math.SmallestNonzeroFloat32},
		} {
			low, high := Extremes(c.src)
			assert.Equal(t, [2]uint32{math.Float32bits(c.low), math.Float32bits(c.high)}, [2]uint32{math.Float32bits(low), math.Float32bits(high)}, "%v", c.src)
			assert.Equal(t, max(-c.low, c.high), MaxAbs(c.src), "%v", c.src)
		}
	})
}

func TestSearchOfAllLengths(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for n := range 301 {
			s := kerneltest.Data[float32](rng, kerneltest.Specials, n)
			var low, high float64
			for _, x := range s {
				if x := float64(x); !math.IsNaN(x) && !math.IsInf(x, 0) {
					low, high = math.Min(low, x), math.Max(high, x)
				}
			}
			check := func() {
				gotLow, gotHigh := Extremes(s)
				require.Equal(t, [2]float64{low, high}, [2]float64{float64(gotLow), float64(gotHigh)})
				require.InDelta(t, math.Max(-low, high), float64(MaxAbs(s)), 0)
			}
			check()
			if n > 0 { // wherever the largest one is
				s[rng.IntN(n)] = -9
				low, high = -9, 0
				for _, x := range s {
					if x := float64(x); x > high && !math.IsInf(x, 0) {
						high = x
					}
				}
				check()
			}
		}
	})
}
