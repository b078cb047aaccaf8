package stepbench

import (
	"bytes"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

var testBounds = Bounds{Float32: 2e11, Int8: 8e11, Memory: 1e10, Cache: 5e10}

// The rows of a profile are the whole step on all threads.
func TestProfileAddsUpToTheStep(t *testing.T) {
	for _, network := range []string{ResNet14, LSTM} {
		profiles, err := RunProfiles(t.Context(), Options{Network: network, Batch: 2, Threads: 2, Repetitions: 1}, testBounds)
		require.NoError(t, err)
		for _, p := range profiles {
			share, ms, bounded := 0.0, 0.0, 0.0
			ops := map[string]bool{}
			for _, r := range p.Rows {
				ops[r.Op] = true
				share += r.Share
				ms += r.ThreadMS
				bounded += r.Share * min(1, r.OfBound)
				assert.GreaterOrEqual(t, r.ThreadMS, 0.0, "%s %s", p.Name, r.Op)
				assert.Equal(t, r.Bound != "", r.GBytes > 0, "%s %s", p.Name, r.Op)
				if r.Op == "conv" || r.Op == "dense" {
					assert.Positive(t, r.GOperations, "%s %s", p.Name, r.Op)
				}
			}
			assert.InEpsilon(t, 1, share, 0.02, p.Name)
			assert.InEpsilon(t, 2*p.StepMS, ms, 0.02, p.Name)
			assert.InEpsilon(t, bounded, p.OfBound, 1e-6, "the rows' shares of the bound, each for its share of the step")
			trains := p.Name != "resnet14/infer"
			assert.Equal(t, trains, ops[OptimizerOp], p.Name)
			assert.Equal(t, trains, ops[BatchOp], p.Name)
			assert.True(t, ops[IdleOp], p.Name)
		}
	}
}

// Under swalp8 everything is rounded, in the graph and by the optimizer.
func TestProfileOfQuantization(t *testing.T) {
	o := Options{Network: ResNet14, Batch: 2, Threads: 1, Repetitions: 1, Only: "*/every-op"}
	profiles, err := RunProfiles(t.Context(), o, testBounds)
	require.NoError(t, err)
	const parameters = 175_066
	elements := map[policy.Role]float64{}
	for _, r := range profiles[0].Quantization() {
		assert.Positive(t, r.ThreadMS)
		assert.InEpsilon(t, r.ThreadMS*1e6/r.Elements, r.NSPerElement, 1e-9, r.Role)
		elements[r.Role] = r.Elements
	}
	assert.InDelta(t, parameters, elements[policy.Weight]+elements[policy.Bias], 0)
	for _, role := range []policy.Role{policy.Gradient, policy.Momentum, policy.Master} {
		assert.InDelta(t, parameters, elements[role], 0, role)
	}
	assert.Greater(t, elements[policy.Activation], 2*32.0*32*16)
	assert.Greater(t, elements[policy.Error], 2*32.0*32*16)
}

// A bound is the longer of the times that operations and bytes take at the least.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		cost    graph.Cost
		seconds float64
		by      string
	}{
		{graph.Cost{Work: qops.Work{Operations: 4e11, Bytes: 1e10}}, 2, BoundByFloat32},
		{graph.Cost{Work: qops.Work{Operations: 1e11, Bytes: 1e10}}, 1, BoundByMemory},
		{graph.Cost{Work: qops.Work{Operations: 4e11}, Arithmetic: qops.Float64}, 4, BoundByFloat64},
		{graph.Cost{Work: qops.Work{Operations: 4e11}, Wide: true}, 4, BoundByFloat64},
		{graph.Cost{Work: qops.Work{Operations: 8e11}, Arithmetic: qops.Int8}, 1, BoundByInt8},
		{graph.Cost{Work: qops.Work{Operations: 8e11}, Arithmetic: qops.Int16}, 2, BoundByInt16},
		{graph.Cost{Work: qops.Work{Bytes: 5e9}, Arithmetic: qops.Int8}, 0.5, BoundByMemory},
		{graph.Cost{Work: qops.Work{Bytes: 5e10}, NearBytes: 5e10}, 1, BoundByCache},
		{graph.Cost{Work: qops.Work{Bytes: 6e10}, NearBytes: 5e10}, 2, BoundByCache},
		{graph.Cost{Work: qops.Work{Bytes: 7e10}, NearBytes: 5e10}, 3, BoundByMemory},
		{graph.Cost{}, 0, ""},
	} {
		seconds, by := testBounds.of(c.cost)
		assert.InDelta(t, c.seconds, seconds, 1e-12)
		assert.Equal(t, c.by, by)
	}
	measured := MeasureBounds(2)
	assert.Greater(t, measured.Float32, 1e8)
	assert.Greater(t, measured.Memory, 1e8)
	assert.Greater(t, measured.Cache, measured.Memory/2)
}

func TestRunProfilesRefuses(t *testing.T) {
	_, err := RunProfiles(t.Context(), Options{Network: LSTM, Batch: 1, Threads: 1, Repetitions: 1, Width: 2}, testBounds)
	assert.ErrorContains(t, err, "a width of 2")
}

// A profile is drawn with a panel per task.
func TestPlot(t *testing.T) {
	rows := []ProfileRow{
		{Op: "conv", Use: "forward", Arithmetic: "int8", ThreadMS: 20, Share: 0.5, OfBound: 0.8},
		{Op: IdleOp, ThreadMS: 19.9, Share: 0.4975},
		{Op: "relu", Use: "forward", ThreadMS: 0.1, Share: 0.0025, OfBound: 2},
	}
	profiles := []Profile{{Name: "a", StepMS: 20, Rows: rows}, {Name: "b", StepMS: 20, Rows: rows[:2]}}
	var vectors, pixels bytes.Buffer
	require.NoError(t, Plot(&vectors, profiles, "svg"))
	for _, text := range []string{"a: 20.0 ms a step", "b: 20.0 ms a step", "conv forward, int8", "idle"} {
		assert.Contains(t, vectors.String(), text)
	}
	assert.NotContains(t, vectors.String(), "relu", "too little to be seen")
	require.NoError(t, Plot(&pixels, profiles, "png"))
	picture, err := png.Decode(&pixels)
	require.NoError(t, err)
	assert.Greater(t, picture.Bounds().Dx(), 800)
	assert.ErrorContains(t, Plot(&pixels, profiles, "pdf"), "png or svg")
	assert.Len(t, rows, 3, "the profile is left alone")
	assert.Equal(t, "relu", rows[2].Op)
}
