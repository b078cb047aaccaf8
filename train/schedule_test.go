package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSchedules(t *testing.T) {
	for _, test := range []struct {
		text string
		at   []float64 // after 0, 3, 5, 10 and 15 of 20 updates
	}{
		{"constant", []float64{1, 1, 1, 1, 1}},
		{"step:0.5@5,10", []float64{1, 1, 0.5, 0.25, 0.25}},
		{"linear", []float64{1, 0.85, 0.75, 0.5, 0.25}},
		{"linear:0.2", []float64{1, 0.88, 0.8, 0.6, 0.4}},
		{"cosine", []float64{1, (1 + math.Cos(0.15*math.Pi)) / 2, (1 + math.Sqrt(0.5)) / 2, 0.5, (1 - math.Sqrt(0.5)) / 2}},
		{"cosine:0.5", []float64{1, 0.75 + math.Cos(0.15*math.Pi)/4, 0.75 + math.Sqrt(0.5)/4, 0.75, 0.75 - math.Sqrt(0.5)/4}},
	} {
		s, err := ParseSchedule(test.text)
		require.NoError(t, err)
		assert.Equal(t, test.text, s.String())
		for i, step := range []int{0, 3, 5, 10, 15} {
			assert.InDelta(t, test.at[i], s.Factor(step, 20), 1e-15, "%s after %d", test.text, step)
		}
	}
	s, err := ParseSchedule("")
	require.NoError(t, err)
	assert.Equal(t, "constant", s.String())
}

func TestCosPi(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		assert.InDelta(t, math.Cos(math.Pi*x), cosPi(x), 1e-15)
	}
}

func TestWrongSchedules(t *testing.T) {
	for _, text := range []string{"warm", "step", "step:0.1", "step:0.1@", "step:0.1@0", "step:0.1@5,5", "step:2@5", "step:x@5", "linear:", "cosine:-1", "cosine:NaN"} {
		_, err := ParseSchedule(text)
		assert.ErrorContains(t, err, `"`+text+`"`)
	}
	for _, text := range []string{"0", "-1", "Inf", "NaN", "big", "1e50"} {
		_, err := ParseErrorScale(text)
		assert.ErrorContains(t, err, `"`+text+`" is neither`)
	}
}

// The rate of a step is the schedule's.
func TestScheduleReachesTheOptimizer(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Schedule, c.Steps, c.EvaluateEvery = "step:0@3", 6, 3
	rows := mustRun(t, c).Rows
	assert.Equal(t, rows[0].Accuracy, rows[1].Accuracy)
	c.Steps = 3
	at3 := mustRun(t, c).Trained
	c.Steps = 6
	at6 := mustRun(t, c).Trained
	assert.Equal(t, at3.Parameter("fc/weight").Value.F32, at6.Parameter("fc/weight").Value.F32, "a rate of 0 moves nothing")
}
