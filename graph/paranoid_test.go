package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/deploy"
)

// Runs that compare themselves with their reference find no difference and have the results of runs that do not, in loss,
// gradients, outputs and counts; most tensors are seen.
func TestParanoidRuns(t *testing.T) {
	for name, build := range map[string]func() model{
		"cnn":  func() model { return smallCNN(tensor.Float32, 6) },
		"lstm": func() model { return stackedLSTM(tensor.Float32, 9, 3, 2, 16) },
	} {
		for _, policyName := range []string{"float32", "swalp8", "qpytorch8", "halp8", "fixed8"} {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				for _, threads := range []int{1, 3} {
					want := runs(t, build(), shipped(t, policyName), 8, graph.WithThreads(threads))
					requireSameBits(t, want, runs(t, build(), shipped(t, policyName), 8, graph.WithThreads(threads), graph.WithParanoid()))
				}
				m := build()
				program, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName), graph.WithThreads(2), graph.WithParanoid())
				require.NoError(t, err)
				require.Zero(t, program.Paranoia())
				for range 3 {
					require.NoError(t, program.Run(graph.Pass{Backward: true, UpdateStatistics: true}))
				}
				seen := program.Paranoia()
				require.Equal(t, 3, seen.Runs)
				require.Greater(t, 2*seen.Seen, seen.Tensors)
			})
		}
	}
}

// Random graphs under random policies, in both types.
func TestParanoidRunsOfRandomGraphs(t *testing.T) {
	tried := 0
	for seed := uint64(1); seed <= 20; seed++ {
		rng := rand.New(rand.NewPCG(seed, 1))
		m, outputs := randomModel(rng, []tensor.Dtype{tensor.Float32, tensor.Float64}[seed%2])
		program, err := graph.Compile(m.loss, m.parameters, randomPolicy(t, rng), graph.WithThreads(3), graph.WithParanoid(), graph.WithOutputs(outputs...))
		if err != nil {
			require.ErrorContains(t, err, "matches nothing", "seed %d", seed) // no mul in this graph
			continue
		}
		tried++
		for execution := range uint32(3) {
			require.NoError(t, program.Run(graph.Pass{Execution: execution, Backward: execution != 1, UpdateStatistics: true}), "seed %d", seed)
		}
	}
	require.Greater(t, tried, 12)
}

// One wrong bit in one element of any tensor, however its step runs, stops the run with an error that says where.
func TestParanoidRunsFindOneWrongBit(t *testing.T) {
	const element = 5
	for name, build := range map[string]func() model{
		"cnn":  func() model { return smallCNN(tensor.Float32, 6) },
		"lstm": func() model { return stackedLSTM(tensor.Float32, 9, 3, 2, 16) },
	} {
		for _, policyName := range []string{"float32", "swalp8"} {
			m := build()
			program, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName), graph.WithThreads(3), graph.WithParanoid())
			require.NoError(t, err)
			require.NoError(t, program.Run(graph.Pass{Backward: true}))
			hidden := program.Paranoia().Tensors - program.Paranoia().Seen
			found, tried := 0, 0
			for i, e := range program.Explain() {
				if i%3 != 0 && name == "lstm" {
					continue // many of them are alike
				}
				size := 1
				for _, d := range e.Shape {
					size *= d
				}
				if size <= element || e.Op == "input" || e.Op == "parameter" {
					continue
				}
				program.Corrupt(e.Name, element)
				tried++
				if err := program.Run(graph.Pass{Backward: true, Execution: 4}); err != nil {
					found++
					assert.ErrorContains(t, err, "tensor "+e.Name+" (layer ", "%s/%s", name, policyName)
					assert.ErrorContains(t, err, fmt.Sprintf(": element %d of %d is ", element, size))
					assert.ErrorContains(t, err, "execution 4, 3 threads, isa ")
				}
			}
			assert.GreaterOrEqual(t, found, tried-hidden, "%s/%s", name, policyName)
			assert.Greater(t, tried, 30)
		}
	}
}

// Running statistics that programs share move once.
func TestParanoidRunsMoveStatisticsOnce(t *testing.T) {
	moved := func(opts ...graph.Option) []float64 {
		m := smallCNN(tensor.Float32, 4)
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"), opts...)
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, program.Run(graph.Pass{UpdateStatistics: true}))
		}
		return append(program.BatchNorms()[0].Running.Mean, program.BatchNorms()[1].Running.Variance...)
	}
	requireSameBits(t, moved(), moved(graph.WithParanoid()))
}

// Deployed programs compare themselves too, those that are observed as well.
func TestParanoidRunsOfDeployedPrograms(t *testing.T) {
	m, running, _ := trainedCNN(t, tensor.Float32)
	mac8, err := target.Load("mac8")
	require.NoError(t, err)
	deployed := deploy.Model{Output: m.output, Parameters: m.parameters, Running: running}
	network, err := deploy.Calibrate(context.Background(), deployed, mac8, func(batch int) (bool, error) { return batch == 0, nil }, graph.WithParanoid())
	require.NoError(t, err)
	program, err := network.Compile(deployed, graph.WithParanoid())
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Evaluation: true}))
	require.Equal(t, 1, program.Paranoia().Runs)
	require.Equal(t, program.Paranoia().Tensors, program.Paranoia().Seen)
	want, err := network.Compile(deployed)
	require.NoError(t, err)
	require.NoError(t, want.Run(graph.Pass{Evaluation: true}))
	requireSameBits(t, want.Output(m.output).F32, program.Output(m.output).F32)
}
