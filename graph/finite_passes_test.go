package graph_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// Of several elements that are not finite, the first one is named and all are counted, in both types.
func TestNotFiniteElementsAreCounted(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		m := smallCNN(dtype, 4)
		data := inputOf(m, "x").Value().Data()
		for i, v := range map[int]float64{7: math.Inf(-1), 9: math.NaN(), 4*3*64 - 1: math.Inf(1)} {
			if dtype == tensor.Float64 {
				data.([]float64)[i] = v
			} else {
				data.([]float32)[i] = float32(v)
			}
		}
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
		require.NoError(t, err)
		first, err := program.FirstNotFinite(graph.Pass{})
		require.NoError(t, err)
		require.NotNil(t, first)
		require.Equal(t, []int{3, 4 * 3 * 64, 7}, []int{first.Count, first.Size, first.First})
		require.Equal(t, math.Inf(-1), first.Value)
		require.False(t, first.Computed)
	}
}

// firstObserved is the first tensor of a pass that is not finite, as an observer finds it.
func firstObserved(t *testing.T, m model, prepare func(*graph.Program), pass graph.Pass) string {
	t.Helper()
	name := ""
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithObserver(func(x graph.Tensor) {
		if name == "" && slices.ContainsFunc(x.Array.F32, func(v float32) bool { return v-v != 0 }) {
			name = x.Name
		}
	}))
	require.NoError(t, err)
	prepare(program)
	require.NoError(t, program.Run(pass))
	return name
}

// Errors that only the error scale makes overflow are found, and so is what only running statistics spoil, in evaluation.
func TestNotFiniteByWhatAProgramHolds(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*graph.Program)
		pass    graph.Pass
		role    policy.Role
	}{
		"error scale": {func(p *graph.Program) { p.SetErrorScale(0x1p127) }, graph.Pass{Backward: true}, policy.Error},
		"statistics":  {func(p *graph.Program) { p.BatchNorms()[1].Running.Mean[2] = math.Inf(1) }, graph.Pass{Evaluation: true}, policy.Statistic},
	} {
		t.Run(name, func(t *testing.T) {
			build := func() model {
				m := smallCNN(tensor.Float32, 4)
				for i := range m.parameters[9].Value().Data().([]float32) { // of the last layer
					m.parameters[9].Value().Data().([]float32)[i] *= 0x1p20
				}
				return m
			}
			m := build()
			program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
			require.NoError(t, err)
			first, err := program.FirstNotFinite(c.pass)
			require.NoError(t, err)
			require.Nil(t, first)
			c.prepare(program)
			first, err = program.FirstNotFinite(c.pass)
			require.NoError(t, err)
			require.NotNil(t, first)
			require.True(t, first.Computed)
			require.Equal(t, c.role, first.Point.Role)
			require.Equal(t, firstObserved(t, build(), c.prepare, c.pass), first.Point.Name)
		})
	}
}

// Running statistics that all programs of a model share stay as they are while a pass is made again.
func TestLookingForNotFiniteMovesNoStatistics(t *testing.T) {
	m := blockyCNN(rand.New(rand.NewPCG(2, 2)), 3)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
	require.NoError(t, err)
	pass := graph.Pass{Backward: true, UpdateStatistics: true}
	require.NoError(t, program.Run(pass))
	require.NotEmpty(t, program.BatchNorms())
	running := func() (all [][]float64) {
		for _, n := range program.BatchNorms() {
			all = append(all, slices.Clone(n.Running.Mean), slices.Clone(n.Running.Variance))
		}
		return all
	}
	before := running()
	_, err = program.FirstNotFinite(pass)
	require.NoError(t, err)
	requireSameBits(t, before, running())
	require.NoError(t, program.Run(pass))
	require.NotEqual(t, before, running())
}
