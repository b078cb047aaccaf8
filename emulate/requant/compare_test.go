package requant

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func compare(t *testing.T, a, b string, scale float64) *Comparison {
	ra, err := Get(a)
	require.NoError(t, err)
	rb, err := Get(b)
	require.NoError(t, err)
	c, err := Compare(ra, rb, scale, 3, -128, 127)
	require.NoError(t, err)
	return c
}

func TestRate(t *testing.T) {
	r := compare(t, "tflite.double", "tflite.single", 0.7*0x1p-8).Rate()
	assert.True(t, r.Exhaustive)
	assert.EqualValues(t, 1, r.MaxError)
	assert.InDelta(t, 0x1p-9, float64(r.Different)/float64(r.Compared), 0.2*0x1p-9)

	r = compare(t, "shift.rne", "shift.floor", 0x1p-4).Rate()
	assert.InDelta(t, 0.47, float64(r.Different)/float64(r.Compared), 0.03, "7.5 of 16, less one per tie")

	r = compare(t, "tflite.single", "xnnpack.rndnu", float64(float32(0x1.3p-25))).Rate()
	assert.False(t, r.Exhaustive)
	assert.Zero(t, r.Different)
	assert.Greater(t, r.Compared, int64(1<<21))
}

func TestVectors(t *testing.T) {
	for _, scale := range []float64{0.3, 0x1p-3, 0.9 * 0x1p-9, 0.6 * 0x1p-15, 0x1p-12} {
		c := compare(t, "tflite.double", "tflite.single", scale)
		vectors := c.Vectors(20)
		seen := map[int64]bool{}
		for _, v := range vectors {
			d, differ := c.at(v.Accumulator)
			require.True(t, differ)
			require.Equal(t, d, v)
			require.False(t, seen[v.Accumulator])
			seen[v.Accumulator] = true
		}
		if r := c.Rate(); r.Exhaustive {
			assert.Len(t, vectors, int(min(r.Different, 20)), "scale %v", scale)
		} else {
			assert.NotEmpty(t, vectors, "scale %v", scale)
		}
	}
	assert.Len(t, compare(t, "shift.rne", "shift.rna", 0x1p-5).Vectors(10), 10)
	assert.Empty(t, compare(t, "tflite.single", "shift.rnu", 0x1p-5).Vectors(10))
	// Between -2 and 2 they differ from each half to the next integer: both ends of four stretches.
	assert.Len(t, compare(t, "shift.rnu", "shift.floor", 0x1p-30).Vectors(1000), 8)
}

func TestCompareErrors(t *testing.T) {
	_, err := Compare(shiftFloor, tfliteSingle{}, 0.3, 0, -128, 127)
	assert.ErrorContains(t, err, "power of two")
	_, err = Compare(tfliteSingle{}, shiftFloor, 0.3, 0, -128, 127)
	assert.ErrorContains(t, err, "power of two")
	_, err = Compare(tfliteSingle{}, tfliteDouble{}, 0, 0, -128, 127)
	assert.ErrorContains(t, err, "scale 0")
	_, err = Compare(tfliteSingle{}, tfliteDouble{}, 1, 0, 5, 4)
	assert.ErrorContains(t, err, "no range")
	_, err = Compare(tfliteSingle{}, tfliteDouble{}, math.NaN(), 0, -128, 127)
	assert.Error(t, err)
}
