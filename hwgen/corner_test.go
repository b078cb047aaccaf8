package hwgen_test

import (
	"testing"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reached are the accumulators that jobs of depth 1 reach.
func reached(t *testing.T, x *target.Target, m requant.Multiplier) (accumulators map[int64]bool) {
	t.Helper()
	accumulators = map[int64]bool{}
	for j, err := range hwgen.Corners(x, []hwgen.Requantization{{Multiplier: m, Low: -128, High: 127}}) {
		require.NoError(t, err)
		if j.Depth > 1 {
			continue
		}
		for _, a := range j.Activations {
			for c, w := range j.Weights {
				accumulators[j.Bias[c]+int64(a)*int64(w)] = true
			}
		}
	}
	return accumulators
}

// TestCornersReachEveryTie computes the ties of power-of-two scales, both neighbours, and the ends of the range.
func TestCornersReachEveryTie(t *testing.T) {
	for _, test := range []struct {
		rule string
		m    requant.Multiplier
		bits int // the scale is 2^-bits
	}{
		{"tflite.single", requant.Multiplier{M: 1 << 30, Shift: -8}, 9},
		{"tflite.double", requant.Multiplier{M: 1 << 30, Shift: 0}, 1},
		{"shift.rne", requant.Multiplier{Shift: -5}, 5},
		{"shift.rna", requant.Multiplier{Shift: -20}, 20},
	} {
		x := loadTarget(t, "requantization", test.rule)
		got := reached(t, x, test.m)
		for code := int64(-129); code <= 127; code++ {
			tie := code<<test.bits + 1<<(test.bits-1)
			for acc := tie - 1; acc <= tie+1; acc++ {
				assert.True(t, got[acc], "%s: %d is not reached", test.rule, acc)
			}
		}
		for _, acc := range []int64{-1 << 31, -1<<31 + 1, -1, 0, 1, 1<<31 - 2, 1<<31 - 1} {
			assert.True(t, got[acc], "%s: %d is not reached", test.rule, acc)
		}
	}
}

func TestCornerRequantizations(t *testing.T) {
	for _, name := range requant.Names() {
		rule, err := requant.Get(name)
		require.NoError(t, err)
		list, err := hwgen.CornerRequantizations(loadTarget(t, "requantization", name))
		require.NoError(t, err)
		info := rule.Info()
		shifts := map[int]bool{}
		for _, r := range list {
			m := r.Multiplier
			shifts[m.Shift] = true
			assert.GreaterOrEqual(t, m.M, int32(0))
			assert.LessOrEqual(t, r.Low, r.High)
			assert.Less(t, int64(m.M), int64(1)<<info.MultiplierBits)
		}
		assert.Len(t, shifts, info.MaxShift-info.MinShift+1, name)
	}
}

// TestGenerated gives the number that is asked for, the same for the same seed.
func TestGenerated(t *testing.T) {
	x := loadTarget(t, "operands", "{activation: uint2, weight: int2}", "accumulator", `"acc:w6,sat"`)
	count := func(outputs int64, seed uint64) (total int64, names map[string]int) {
		jobs, err := hwgen.Generated(x, outputs, seed)
		require.NoError(t, err)
		names = map[string]int{}
		for j, err := range jobs {
			require.NoError(t, err)
			total += int64(j.Outputs())
			names[j.Name] += j.Outputs()
		}
		return total, names
	}
	for _, n := range []int64{1, 100, 30_000} {
		total, names := count(n, 1)
		assert.GreaterOrEqual(t, total, n)
		again, sameNames := count(n, 1)
		assert.Equal(t, total, again)
		assert.Equal(t, names, sameNames)
	}
	_, names := count(30_000, 1)
	assert.NotZero(t, names["corners"])
	assert.NotZero(t, names["overflow"])
	assert.NotZero(t, names["random 0"])
	other, _ := count(30_000, 2)
	total, _ := count(30_000, 1)
	assert.NotEqual(t, total, other)
}
