package train

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/optimizers"
)

// A run that diverged is gone on with from its last checkpoint with another learning rate, as a new run, which can be
// resumed without the old one, even if it was interrupted before its first step.
func TestRunFromAnother(t *testing.T) {
	c := small(t, "float32", "svrg", "T=3", "decay=0.1")
	c.LearningRate, c.EvaluateEvery, c.Out = 1e30, 1, filepath.Join(t.TempDir(), "diverged")
	_, err := Run(t.Context(), c)
	require.ErrorIs(t, err, optimizers.ErrNotFinite)
	source, err := parseCheckpoint(checkpointOf(t, c.Out))
	require.NoError(t, err)

	c.From, c.LearningRate, c.EvaluateEvery = c.Out, 1e-3, 20
	c.Out = filepath.Join(t.TempDir(), "whole")
	want := mustRun(t, c)
	assert.Equal(t, 20, want.Rows[0].Step)
	record, err := ReadRecord(c.Out)
	require.NoError(t, err)
	assert.Equal(t, source.Step, record.Start.Step)
	assert.Equal(t, source.Run, record.Start.Run)
	assert.Len(t, record.Start.SHA256, 64)
	whole := checkpointOf(t, c.Out)

	c.Out = filepath.Join(t.TempDir(), "parts")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = Run(ctx, c)
	require.ErrorIs(t, err, context.Canceled)
	begun, err := parseCheckpoint(checkpointOf(t, c.Out))
	require.NoError(t, err)
	assert.Zero(t, begun.Step)
	for name, a := range source.tensors {
		if len(name) > len(parameterFolder) && name[:len(parameterFolder)] == parameterFolder {
			assert.Equal(t, a, begun.tensors[name], name)
		}
	}
	require.NoError(t, os.RemoveAll(c.From))
	resumed, err := ReadRecord(c.Out)
	require.NoError(t, err)
	again, err := resumed.Config()
	require.NoError(t, err)
	again.Set, again.Build, again.Out, again.Resume = c.Set, c.Build, c.Out, true
	mustRun(t, again)
	assert.Equal(t, whole, checkpointOf(t, c.Out))

	again.From = c.From
	assert.ErrorContains(t, again.Check(), "a run that is resumed goes on from its own weights")
	c.Out = filepath.Join(t.TempDir(), "nothing")
	_, err = Run(t.Context(), c)
	assert.ErrorContains(t, err, "is no folder of a run")
	assert.NoDirExists(t, c.Out)
	c.From, c.Build, c.Model = again.Out, nil, "mlp"
	_, err = Run(t.Context(), c)
	assert.ErrorContains(t, err, `the weights of `+again.Out+`: tensor "parameter/`)
	assert.NoDirExists(t, c.Out)
}
