package optimizers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSWALPAveragesItsWeights(t *testing.T) {
	formats := lowPrecision()
	formats.Average = Formats{}.Average
	problem := newToy[float64](formats)
	o := mustNew(t, mustParse(t, "swalp", "lr=0.3", "swa-start=4", "swa-every=3"), problem)
	averager := o.(Averager)
	plain := newToy[float64](formats)
	sgd := mustNew(t, mustParse(t, "lp-sgd", "lr=0.3"), plain)
	sum, models := makeLike(problem.weights()), 0
	for step := 1; step <= 20; step++ {
		mustStep(t, o)
		mustStep(t, sgd)
		require.Equal(t, plain.weights(), problem.weights(), "averaging does not touch the weights")
		if step >= 4 && (step-4)%3 == 0 {
			models++
			for i, w := range problem.weights() {
				for j := range w {
					sum[i][j] += w[j]
				}
			}
		}
		averages, count := averager.Averages()
		require.Equal(t, models, count, "step %d", step)
		for i := range averages {
			for j, a := range averages[i].F64 {
				assert.InDelta(t, sum[i][j]/float64(models), a, 1e-14)
			}
		}
	}
	assert.Equal(t, 6, models)
}

func TestSWALPAverageIsOnItsGrid(t *testing.T) {
	problem := newToy[float32](lowPrecision())
	o := mustNew(t, mustParse(t, "swalp", "lr=0.3", "swa-start=2", "swa-every=1"), problem)
	for step := range 9 {
		result := mustStep(t, o)
		if step >= 1 {
			assert.EqualValues(t, 17, result.Rounded[RoleAverage].Count)
		}
	}
	averages, _ := o.(Averager).Averages()
	for _, average := range averages {
		for _, a := range average.F32 {
			assert.Equal(t, float32(int(a*16384)), a*16384)
		}
	}
}

// With rate 0 after the start, the weights stay where they are.
func TestSWALPRate(t *testing.T) {
	fast, slow := newToy[float64](Formats{}), newToy[float64](Formats{})
	a := mustNew(t, mustParse(t, "swalp", "lr=0.1", "swa-start=1epoch"), fast)
	b := mustNew(t, mustParse(t, "swalp", "lr=0.1", "swa-start=5", "swa-lr=0.05"), slow)
	for range 5 {
		mustStep(t, a)
		mustStep(t, b)
	}
	require.Equal(t, fast.weights(), slow.weights())
	before := fast.weights()
	mustStep(t, a)
	mustStep(t, b)
	for i := range before {
		for j, w := range before[i] {
			assert.InDelta(t, (w-fast.weights()[i][j])/2, w-slow.weights()[i][j], 1e-15)
		}
	}
}
