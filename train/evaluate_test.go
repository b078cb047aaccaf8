package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ignore(int, int) {}

// Metrics are those of the test images, each counted once, whatever the batch size: copies that fill up the last batch
// count nothing.
func TestEvaluateCountsEverySampleOnce(t *testing.T) {
	var want Metrics
	for _, batch := range []int{1, 21, 8, 5, 4} {
		c := small(t, "float32", "sgd")
		c.Batch = batch
		s, err := newSession(c)
		require.NoError(t, err)
		got, err := s.network.evaluate(t.Context(), ignore)
		require.NoError(t, err)
		assert.Equal(t, 21, got.Samples)
		if batch == 1 {
			want = got
			continue
		}
		assert.InDelta(t, want.Loss, got.Loss, 1e-6, "batch %d", batch)
		assert.Equal(t, want.Accuracy, got.Accuracy, "batch %d", batch)
	}
	c := small(t, "float32", "sgd")
	c.LimitTest = 10
	s, err := newSession(c)
	require.NoError(t, err)
	got, err := s.network.evaluate(t.Context(), ignore)
	require.NoError(t, err)
	assert.Equal(t, 10, got.Samples)
}

func TestEvaluateText(t *testing.T) {
	c := runs(t)["lstm"]
	var want Metrics
	for _, batch := range []int{1, 4, 5} {
		c.Batch = batch
		c.Policy = shipped(t, "float32")
		s, err := newSession(c)
		require.NoError(t, err)
		got, err := s.network.evaluate(t.Context(), ignore)
		require.NoError(t, err)
		assert.InDelta(t, math.Exp(got.Loss), got.Perplexity, 1e-9)
		name, _ := got.Score()
		assert.Equal(t, "val_perplexity", name)
		if batch == 1 {
			want = got
			continue
		}
		assert.Equal(t, want.Samples, got.Samples)
		assert.InDelta(t, want.Loss, got.Loss, 1e-6)
	}
	assert.InDelta(t, 0, want.Loss-math.Log(7), 0.3, "an untrained net knows nothing of the 7 characters")
}

func TestHits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	logits := []float32{1, 2, 2, nan, nan, nan, -inf, -inf, -inf, nan, 1, 0}
	assert.Equal(t, 2, hits(logits, []int32{1, 0, 0, 1}, 4))
	assert.Equal(t, 0, hits(logits, []int32{2, 1, 2}, 4))
}

// Evaluation changes neither statistics nor the course of the training.
func TestEvaluationChangesNothing(t *testing.T) {
	c := small(t, "swalp8", "lp-sgd", "momentum=0.9")
	c.EvaluateEvery = 20
	want := mustRun(t, c)
	c.EvaluateEvery = 1
	got := mustRun(t, c)
	assert.Equal(t, want.Rows[0].Loss, got.Rows[19].Loss)
	for i, p := range want.Trained.Program.Parameters() {
		assert.Equal(t, p.Value.F32, got.Trained.Program.Parameters()[i].Value.F32, p.Name)
	}
}
