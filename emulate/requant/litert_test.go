package requant

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAffineQuantize(t *testing.T) {
	for _, test := range []struct {
		x, scale float32
		zero     int32
		want     int32
	}{
		{0, 0.5, 3, 3},
		{0.25, 0.5, 3, 4},   // a tie goes away from zero
		{-0.25, 0.5, 3, 2},  // ... on both sides
		{-0.75, 0.5, 0, -2}, // -1.5 -> -2
		{1000, 0.5, 3, 127},
		{-1000, 0.5, 3, -128},
		{math.MaxFloat32, 0x1p-149, 3, 127}, // the quotient is +Inf
		{float32(math.Inf(-1)), 1, 3, -128},
		{float32(math.NaN()), 1, 3, 3},
		// 0.3/0.2 rounds to 1.5 in float32 although the exact quotient of the two float32 numbers lies above
		// (or below): the float32 quotient decides.
		{0.3, 0.2, 0, 2},
	} {
		assert.Equal(t, test.want, AffineQuantize(test.x, test.scale, test.zero, -128, 127), "%+v", test)
	}
}

func TestMeanAgainstRationals(t *testing.T) {
	for count := int64(1); count <= 65; count++ {
		for sum := -128 * count; sum <= 127*count; sum += 1 + count/16 {
			want := tiesAway(big.NewRat(sum, count)).Int64()
			if got := Mean(sum, count); got != want {
				t.Fatalf("mean of %d over %d: %d, want %d", sum, count, got, want)
			}
		}
	}
}

// The addition is compared with its formula in rationals, for the rule with one rounding.
func TestAddAgainstRationals(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	single := definitions["tflite.single"]
	for range 200 {
		a := Affine{Scale: float64(float32(0.01 + random.Float64())), Zero: int32(random.IntN(256) - 128)}
		b := Affine{Scale: float64(float32(0.01 + random.Float64())), Zero: int32(random.IntN(256) - 128)}
		y := Affine{Scale: float64(float32(0.01 + random.Float64())), Zero: int32(random.IntN(256) - 128)}
		add, err := NewAdd(tfliteSingle{}, a, b, y, -128, 127)
		require.NoError(t, err)
		twice := 2 * math.Max(a.Scale, b.Scale)
		ma, mb, my := QuantizeMultiplier(a.Scale/twice), QuantizeMultiplier(b.Scale/twice), QuantizeMultiplier(twice/(1048576*y.Scale))
		for _, p := range [][2]int32{{-128, -128}, {127, 127}, {-128, 127}, {127, -128}, {0, 0}, {int32(random.IntN(256) - 128), int32(random.IntN(256) - 128)}} {
			sum := single(int64(p[0]-a.Zero)*1048576, ma) + single(int64(p[1]-b.Zero)*1048576, mb)
			want := max(-128, min(127, single(sum, my)+int64(y.Zero)))
			require.Equal(t, int32(want), add.Apply(p[0], p[1]))
			value := (float64(p[0]-a.Zero)*a.Scale+float64(p[1]-b.Zero)*b.Scale)/y.Scale + float64(y.Zero)
			require.InDelta(t, float64(want), math.Max(-128, math.Min(127, value)), 0.51)
		}
	}
}

func TestAddOfPowersOfTwo(t *testing.T) {
	add, err := NewAdd(shiftNearestEven, Affine{Scale: 0.25}, Affine{Scale: 0.5}, Affine{Scale: 1}, -128, 127)
	require.NoError(t, err)
	assert.Equal(t, int32(2), add.Apply(2, 3)) // 0.5 + 1.5
	assert.Equal(t, int32(2), add.Apply(0, 3)) // 1.5, a tie, to even
	assert.Equal(t, int32(2), add.Apply(0, 5)) // 2.5, a tie, to even
	_, err = NewAdd(shiftNearestEven, Affine{Scale: 0.3}, Affine{Scale: 0.5}, Affine{Scale: 1}, -128, 127)
	assert.ErrorContains(t, err, "operand 1")
	_, err = NewAdd(shiftNearestEven, Affine{Scale: 0.5}, Affine{}, Affine{Scale: 1}, -128, 127)
	assert.ErrorContains(t, err, "positive")
}
