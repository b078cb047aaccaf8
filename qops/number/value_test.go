package number

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestValueRoundsOnce looks for products that lie next to the middle between two float32 numbers: in float64 they
// round to the middle itself, from where a second rounding would go wrong.
func TestValueRoundsOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	wrongTwice := 0
	for range 20000 {
		offset := int64(1 + random.IntN(1<<random.IntN(24)))
		// An odd integer of 25 bits, or fewer where float32 numbers are subnormal, is the middle between two numbers.
		bits, exponent := 25, random.IntN(200)-100
		if random.IntN(4) == 0 {
			bits, exponent = 1+random.IntN(24), -150
		}
		middle := math.Ldexp(float64(1<<(bits-1)|random.IntN(1<<(bits-1))|1), exponent)
		step := middle / float64(offset)
		for _, s := range []float64{step, math.Nextafter(step, 0), math.Nextafter(step, 1e30)} {
			for _, o := range []int64{offset, -offset} {
				want := defineValue[float32](o, 0, s)
				require.Equal(t, floatBits(want), floatBits(value[float32](o, s)), "%d * %x", o, s)
				if float32(float64(o)*s) != want {
					wrongTwice++
				}
				require.Equal(t, floatBits(defineValue[float64](o, 0, s)), floatBits(value[float64](o, s)))
			}
		}
	}
	require.Positive(t, wrongTwice, "the cases that the test is about")
}

// TestColumnsRoundOnce has one column whose values need care, before one whose values do not.
func TestColumnsRoundOnce(t *testing.T) {
	const offset = 3
	step, want := 0.0, float32(0)
	for middle := float64(1<<24 + 1); float32(offset*step) == want; middle += 2 {
		step = math.Nextafter(middle/offset, 1e30)
		want = defineValue[float32](offset, 0, step)
	}
	x := []float32{float32(offset * step), 3, float32(offset * step), 5}
	scales := Scales{Blocks: Blocks{Count: 2, Inner: 1}, Step: []float64{step, 1}}
	got := make([]float32, 4)
	_, err := Quantize(MustParse("int:w8,scale=run,block=channel,rne,sat"), got, x, []int{2, 2}, Options{ChannelAxis: 1, Scales: &scales})
	require.NoError(t, err)
	require.Equal(t, []float32{want, 3, want, 5}, got)
}
