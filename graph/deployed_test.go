package graph_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/deploy"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// trainedCNN is a small network whose running statistics have moved.
func trainedCNN(t *testing.T, dtype tensor.Dtype) (model, map[string]*qops.Running, []float64) {
	t.Helper()
	m := smallCNN(dtype, 4)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithOutputs(m.output))
	require.NoError(t, err)
	for range 20 {
		require.NoError(t, program.Run(graph.Pass{UpdateStatistics: true}))
	}
	running := map[string]*qops.Running{}
	for _, n := range program.BatchNorms() {
		running[n.Name] = n.Running
	}
	require.NoError(t, program.Run(graph.Pass{Evaluation: true}))
	return m, running, append(floats(program.Output(m.output).F32), floats(program.Output(m.output).F64)...)
}

// Folding batch norms into convolutions changes the logits by no more than float32 rounding.
func TestFoldedBatchNorms(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		m, running, want := trainedCNN(t, dtype)
		float := shipped(t, "float32")
		float.BatchNorm = policy.Fold
		program, err := graph.CompileDeployed(gorgonia.Nodes{m.output}, m.parameters, float, graph.Deployment{Running: running})
		require.NoError(t, err)
		require.NoError(t, program.Run(graph.Pass{Evaluation: true}))
		out := program.Output(m.output)
		require.Less(t, relativeError(append(floats(out.F32), floats(out.F64)...), want), 1e-6)
		for _, e := range program.Explain() {
			require.NotEqual(t, policy.Statistic, e.Role, e.Name)
		}
		require.True(t, math.IsNaN(program.Loss()))
		program.SetErrorScale(2) // there is nothing to scale

		delete(running, "down/batchnorm1")
		_, err = graph.CompileDeployed(gorgonia.Nodes{m.output}, m.parameters, float, graph.Deployment{Running: running})
		require.ErrorContains(t, err, "no running statistics for down/batchnorm1")
	}
}

// A deployed program says of its layers how they compute on codes.
func TestExplainADeployedProgram(t *testing.T) {
	m, running, want := trainedCNN(t, tensor.Float32)
	mac8, err := target.Load("mac8")
	require.NoError(t, err)
	deployed := deploy.Model{Output: m.output, Parameters: m.parameters, Running: running}
	network, err := deploy.Calibrate(context.Background(), deployed, mac8, func(batch int) (bool, error) { return batch == 0, nil })
	require.NoError(t, err)
	program, err := network.Compile(deployed)
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Evaluation: true}))
	require.Less(t, relativeError(floats(program.Output(m.output).F32), want), 0.1)
	kernels := map[string]int{}
	for _, e := range program.Explain() {
		kernels[e.Kernel]++
		if e.Kernel == "integers" {
			require.Equal(t, "exact, wrapped once to acc:w32,wrap", e.Certificate, e.Name)
		}
	}
	require.Equal(t, 4, kernels["integers"], "%v", kernels)
	require.Equal(t, 4, kernels["requantize, tflite.single"], "%v", kernels)
	require.Equal(t, 1, kernels["add codes"], "%v", kernels)
	require.Equal(t, 1, kernels["average codes"], "%v", kernels)
}
