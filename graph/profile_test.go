package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
)

func profiled(t *testing.T, policyName string, batch, threads int) *graph.Program {
	t.Helper()
	net, err := nets.ResNet14(tensor.Float32, batch, 1)
	require.NoError(t, err)
	copy(net.Inputs[0].Value().Data().([]float32), values(tensor.Float32, 1, 1, net.Inputs[0].Shape()...).Data().([]float32))
	program, err := graph.Compile(net.Loss, net.Parameters, shipped(t, policyName), graph.WithThreads(threads))
	require.NoError(t, err)
	return program
}

// resNet14Sums are the multiply-adds per image of ResNet-14's convolutions, counted from their shapes: of the first one, and of
// the others.
func resNet14Sums() (first, others float64) {
	conv := func(size, in, out, kernel int) float64 { return float64(size * size * out * in * kernel * kernel) }
	first = conv(32, 3, 16, 3)
	others = 4*conv(32, 16, 16, 3) +
		conv(16, 16, 32, 3) + conv(16, 16, 32, 1) + 3*conv(16, 32, 32, 3) +
		conv(8, 32, 64, 3) + conv(8, 32, 64, 1) + 3*conv(8, 64, 64, 3)
	return first, others
}

func TestProfileCountsOperations(t *testing.T) {
	const batch, runs = 3, 2
	program := profiled(t, "float32", batch, 2)
	require.NoError(t, program.Run(graph.Pass{Backward: true})) // is not in the profile
	profile := program.Profile()
	for i := range runs {
		require.NoError(t, program.Run(graph.Pass{Backward: true, Execution: uint32(i)}))
	}
	require.NoError(t, program.Run(graph.Pass{Execution: runs}))
	profile.Stop()
	require.NoError(t, program.Run(graph.Pass{Backward: true})) // nor is this
	assert.Equal(t, runs+1, profile.Runs())

	first, others := resNet14Sums()
	assert.InDelta(t, 26.66e6, first+others+640, 1e4, "with the dense layer, what the network is described with")
	found := 0
	for _, c := range profile.Costs() {
		assert.Positive(t, c.Time, c.Op)
		assert.Positive(t, c.Calls, c.Op)
		assert.LessOrEqual(t, c.NearBytes, c.Work.Bytes, c.Op)
		if c.Op == "relu" && c.Use == policy.Forward { // planes of 16, 32 and 64 channels are read and written
			image := func(size, channels int) float64 { return float64(2 * 4 * size * size * channels * batch) }
			all := 5*image(32, 16) + 4*image(16, 32) + 4*image(8, 64)
			assert.InDelta(t, all*(runs+1), c.Work.Bytes, 0.5)
			assert.InDelta(t, all*(runs+1), c.NearBytes, 0.5, "three images are near")
		}
		if c.Op != "conv" {
			continue
		}
		found++
		switch c.Use {
		case policy.Forward:
			assert.InDelta(t, 2*(first+others)*batch*(runs+1), c.Work.Operations, 0.5)
			assert.Equal(t, 15*(runs+1), c.Calls)
		case policy.BackwardData: // images need no gradient
			assert.InDelta(t, 2*others*batch*runs, c.Work.Operations, 0.5)
			assert.Equal(t, 14*runs, c.Calls)
		case policy.BackwardWeight:
			assert.InDelta(t, 2*(first+others)*batch*runs, c.Work.Operations, 0.5)
			assert.Equal(t, 15*runs, c.Calls)
			assert.Equal(t, runs*(175_066-650-2*16*5-2*32*4-2*64*4), c.Elements, "all parameters but those of the dense layer and the batch norms")
		}
	}
	assert.Equal(t, 3, found)
}

// Statistics that are running ones take no work.
func TestProfileOfEvaluation(t *testing.T) {
	program := profiled(t, "float32", 2, 2)
	profile := program.Profile()
	require.NoError(t, program.Run(graph.Pass{Evaluation: true}))
	statistics := 0
	for _, c := range profile.Costs() {
		assert.Equal(t, policy.Forward, c.Use)
		switch c.Op {
		case "batchnorm.mean", "batchnorm.variance":
			statistics++
			assert.Zero(t, c.Work)
			assert.Zero(t, c.NearBytes)
		case "conv":
			first, others := resNet14Sums()
			assert.InDelta(t, 2*2*(first+others), c.Work.Operations, 0.5)
			assert.Positive(t, c.Time)
		}
	}
	assert.Equal(t, 2, statistics)
	assert.GreaterOrEqual(t, profile.Idle(), time.Duration(0))
}

// All time of all threads is an op's or idle, and on one thread little is idle: in the run that is disturbed least.
func TestProfileAddsUp(t *testing.T) {
	for _, threads := range []int{1, 2} {
		program := profiled(t, "swalp8", 4, threads)
		require.NoError(t, program.Run(graph.Pass{Backward: true}))
		busiest := 0.0
		for range 20 {
			profile := program.Profile()
			start := time.Now()
			require.NoError(t, program.Run(graph.Pass{Backward: true}))
			took := time.Since(start)
			profile.Stop()
			var ops time.Duration
			for _, c := range profile.Costs() {
				ops += c.Time
			}
			require.LessOrEqual(t, profile.Wall(), took)
			require.Equal(t, profile.Wall()*time.Duration(threads), ops+profile.Idle())
			require.GreaterOrEqual(t, profile.Idle(), time.Duration(0), "no thread is counted twice")
			busiest = max(busiest, ops.Seconds()/took.Seconds())
		}
		if threads == 1 {
			assert.Greater(t, busiest, 0.8)
		}
	}
}

// Under swalp8 every role of a training step is rounded, and its elements are counted.
func TestProfileTellsRolesApart(t *testing.T) {
	const batch = 2
	program := profiled(t, "swalp8", batch, 2)
	profile := program.Profile()
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	elements := map[policy.Role]int{}
	for _, c := range profile.Costs() {
		assert.Equal(t, c.Op == graph.QuantizeOp, c.Role != "", c.Op)
		elements[c.Role] += c.Elements
	}
	for _, role := range []policy.Role{policy.Weight, policy.Bias, policy.Activation, policy.Error, policy.Gradient} {
		assert.Positive(t, elements[role], role)
	}
	assert.Equal(t, 175_066, elements[policy.Weight]+elements[policy.Bias])
	assert.Equal(t, 175_066, elements[policy.Gradient])
	assert.NotContains(t, elements, policy.Statistic)
}

// The sums of gradients over the steps in time of an LSTM, which run as one, count as what they are; the rounding of the sums
// apart.
func TestProfileOfStages(t *testing.T) {
	// Products of x and h for each layer and step in time, and of the output, each with as many multiply-adds as forward; and
	// the additions of four steps'.
	cell := func(inputs int) float64 { return 2 * 4 * 4 * 16 * float64(inputs+16) }
	weights := 4*16*(7+16+16+16) + 16*7
	want := 4*(cell(7)+cell(16)+2*4*16*7) + float64(3*weights)
	for _, name := range []string{"float32", "qpytorch8"} {
		m := stackedLSTM(tensor.Float32, 4, 4, 2, 16)
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, name), graph.WithThreads(2))
		require.NoError(t, err)
		profile := program.Profile()
		require.NoError(t, program.Run(graph.Pass{Backward: true}))
		operations, rounded := 0.0, 0
		for _, c := range profile.Costs() {
			switch {
			case c.Op == "dense" && c.Use == policy.BackwardWeight:
				assert.Positive(t, c.Time)
				operations += c.Work.Operations
			case c.Role == policy.Gradient:
				assert.Positive(t, c.Time)
				rounded += c.Elements
			}
		}
		assert.InDelta(t, want, operations, 0.5, name)
		if name == "qpytorch8" {
			assert.Equal(t, weights+2*4*16+7, rounded, "weights and biases")
		}
	}
}
