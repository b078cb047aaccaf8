package train

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
)

// The averaged network has the averages as weights, unrounded where the policy's average is float32, and statistics that
// are the mean of those of the training batches at these weights.
func TestAveragedNetwork(t *testing.T) {
	c := small(t, "swalp8", "swalp", "swa-start=4", "swa-every=2")
	s, err := newSession(c)
	require.NoError(t, err)
	s.meter = newMeter(0, 0)
	for range 3 {
		require.NoError(t, s.advance(t.Context()))
	}
	n, err := s.result(t.Context())
	require.NoError(t, err)
	assert.Same(t, s.network, n, "there is no average yet")
	for range 7 {
		require.NoError(t, s.advance(t.Context()))
	}
	weights := append([]float32(nil), s.network.program.Parameters()[0].Value.F32...)
	own := copyStatistics(s.network.program)
	n, err = s.result(t.Context())
	require.NoError(t, err)
	assert.Equal(t, weights, s.network.program.Parameters()[0].Value.F32, "the training goes on from its own weights")
	assert.Equal(t, own, copyStatistics(s.network.program))
	averages, models := s.optimizer.(optimizers.Averager).Averages()
	assert.Equal(t, 4, models) // after 4, 6, 8 and 10 updates
	for i, q := range n.program.Parameters() {
		assert.Equal(t, averages[i].F32, q.Value.F32)
	}
	for _, e := range n.program.Explain() {
		if e.Op == "parameter" {
			assert.Equal(t, "float32", e.Format, e.Name)
		}
	}

	// The statistics again, batch by batch.
	want := n.program.BatchNorms()[0].Running
	mean := append([]float64(nil), want.Mean...)
	sum := make([]float64, len(mean))
	batches, err := s.config.training(0)
	require.NoError(t, err)
	momentum := want.Momentum
	assert.Equal(t, 0.1, momentum)
	want.Momentum = 1 // keep the batch's own
	for b := range batches.Count() {
		_, err := n.feeder.feed(batchKey{part: datasets.Train, batch: b})
		require.NoError(t, err)
		require.NoError(t, n.program.Run(graph.Pass{Domain: number.Evaluation, Execution: 1<<31 + uint32(b), UpdateStatistics: true}))
		for i, m := range want.Mean {
			sum[i] += m / float64(batches.Count())
		}
	}
	assert.InDeltaSlice(t, sum, mean, 1e-12)
}
