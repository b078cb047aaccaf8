package train

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/optimizers"
)

// A learning rate that is far too high ends the run, with the tensor that was the first to overflow. No weights that are
// not finite are saved.
func TestLossThatIsNotFinite(t *testing.T) {
	for _, optimizer := range []string{"sgd", "svrg", "lp-svrg"} {
		t.Run(optimizer, func(t *testing.T) {
			c := small(t, "float32", optimizer, "decay=0.1")
			c.LearningRate, c.EvaluateEvery = 1e30, 1
			c.Out = filepath.Join(t.TempDir(), "a")
			_, err := Run(t.Context(), c)
			require.ErrorIs(t, err, optimizers.ErrNotFinite)
			assert.ErrorContains(t, err, "with the learning rate 1e+30 and the error scale 1")
			assert.ErrorContains(t, err, "lower the learning rate")
			assert.ErrorContains(t, err, "the first tensor that is not finite is ")
			assert.ErrorContains(t, err, "the last checkpoint, after step ")
			stored, err := parseCheckpoint(checkpointOf(t, c.Out))
			require.NoError(t, err)
			for name := range stored.tensors {
				if data, err := elements[float32](stored, name, size(stored.tensors[name].Shape)); err == nil {
					for _, v := range data {
						require.True(t, finite(float64(v)), name)
					}
				}
			}
		})
	}
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// A parameter that is not a number is named, and so is the checkpoint before it, from which the run goes on.
func TestPlantedNaN(t *testing.T) {
	c := small(t, "float32", "lp-sgd")
	c.Out = filepath.Join(t.TempDir(), "whole")
	want := mustRun(t, c)
	var net *nets.Net
	c.Build = func(o nets.Options) (_ *nets.Net, err error) {
		net, err = smallNet(o)
		return net, err
	}
	c.Out = filepath.Join(t.TempDir(), "a")
	c.Observe = func(p Progress) {
		if p.Phase == Training && p.Step == 9 {
			net.Parameters[3].Value().Data().([]float32)[5] = float32(math.NaN())
		}
	}
	_, err := Run(t.Context(), c)
	require.ErrorIs(t, err, optimizers.ErrNotFinite)
	assert.ErrorContains(t, err, "step 10, with the learning rate 0.1 and the error scale 1 (the last checkpoint, after step 7, stays in "+filepath.Join(c.Out, CheckpointFile)+": ")
	assert.ErrorContains(t, err, "fc/weight (a parameter of layer fc: an earlier update has made it so): 1 of 384 elements are NaN or infinite, the first is element 5, NaN")
	c.Observe, c.Resume = nil, true
	got := mustRun(t, c)
	assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got.Rows))
}

// Data that are no numbers are an input's fault.
func TestDataThatAreNotFinite(t *testing.T) {
	c := small(t, "float32", "svrg", "T=3")
	set := smallSet()
	set.Std[1] = 0
	c.Set = set
	_, err := Run(t.Context(), c)
	require.ErrorIs(t, err, optimizers.ErrNotFinite)
	assert.ErrorContains(t, err, "step 1, ")
	assert.ErrorContains(t, err, "(nothing was written)")
	assert.ErrorContains(t, err, "x (an input: look at the data): ")
	assert.ErrorContains(t, err, "Inf")
}

// Weights that an update has made infinite are not saved over good ones.
func TestWeightsThatAreNotFiniteAreNotSaved(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Out = filepath.Join(t.TempDir(), "a")
	var net *nets.Net
	c.Build = func(o nets.Options) (_ *nets.Net, err error) {
		net, err = smallNet(o)
		return net, err
	}
	ctx, stop := context.WithCancel(t.Context())
	c.Observe = func(p Progress) {
		if p.Phase == Training && p.Step == 9 {
			net.Parameters[0].Value().Data().([]float32)[1] = float32(math.Inf(-1))
			stop()
		}
	}
	_, err := Run(ctx, c)
	require.ErrorIs(t, err, optimizers.ErrNotFinite)
	assert.ErrorContains(t, err, "step 9, with the learning rate 0.1")
	stored, err := parseCheckpoint(checkpointOf(t, c.Out))
	require.NoError(t, err)
	assert.Equal(t, 7, stored.Step)
}

// Where the error scale is dynamic, gradients that are not finite lower it, and nothing is said.
func TestDynamicScaleStillShrinks(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.ErrorScale, c.Steps = "dynamic", 3
	s, err := newSession(func() Config { require.NoError(t, c.Check()); return c }())
	require.NoError(t, err)
	s.meter = newMeter(0, 0)
	s.scale.scale = math.MaxFloat32 * 16 // infinite in float32
	require.NoError(t, s.advance(t.Context()))
	assert.LessOrEqual(t, s.scale.scale, math.MaxFloat32)
	assert.Equal(t, 1, s.step)
}
