package requant

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samples is how many accumulators a rate is measured on.
const samples = 200_000

// disagreement is the share of random accumulators, whose outputs lie within +-reach, on which two rules give different
// int8 codes. scale draws the scale of each.
func disagreement(t *testing.T, a, b Rule, reach float64, scale func() float64) float64 {
	random := rand.New(rand.NewPCG(5, 6))
	differ := 0
	for range samples {
		s := scale()
		limit := reach / s
		acc := int64((random.Float64()*2 - 1) * limit)
		ma, err := a.Multiplier(s)
		require.NoError(t, err)
		mb, err := b.Multiplier(s)
		require.NoError(t, err)
		if Clamp(a.Apply(acc, ma), -128, 127) != Clamp(b.Apply(acc, mb), -128, 127) {
			differ++
		}
	}
	return float64(differ) / samples
}

// Double rounding differs from single rounding on about 2^-(r+1) of the accumulators at a right shift of r: the first
// rounding must land on a tie that the second then sends away from zero.
func TestDoubleAgainstSingleByShift(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, r := range []int{1, 2, 4, 6, 8, 10} {
		rate := disagreement(t, tfliteDouble{}, tfliteSingle{}, 127, func() float64 { // no output is clamped
			return math.Ldexp(0.5+random.Float64()/2, -r)
		})
		want := math.Ldexp(1, -(r + 1))
		sigma := math.Sqrt(want / samples)
		assert.InDelta(t, want, rate, 5*sigma+0.02*want, "right shift %d", r)
	}
}

// With generic real scales ties never happen, so exact rules that differ only in ties agree; floor differs from all
// roundings on almost half the accumulators.
func TestDisagreementOfRules(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	generic := func() float64 { return float64(float32(math.Ldexp(0.5+random.Float64()/2, -6-random.IntN(9)))) }
	power := func() float64 { return math.Ldexp(1, -7-random.IntN(9)) }
	assert.Zero(t, disagreement(t, tfliteSingle{}, xnnpackNearestAway{}, 140, generic))
	assert.Zero(t, disagreement(t, tfliteSingle{}, xnnpackNearestUp{}, 140, generic))
	assert.Zero(t, disagreement(t, tfliteSingle{}, shiftNearestUp, 140, power))
	assert.InDelta(t, 797e-6, disagreement(t, tfliteSingle{}, shiftNearestAway, 140, power), 250e-6)
	assert.InDelta(t, 789e-6, disagreement(t, tfliteSingle{}, shiftNearestEven, 140, power), 250e-6)
	assert.InDelta(t, 0.455, disagreement(t, shiftNearestUp, shiftFloor, 140, power), 0.01)
}
