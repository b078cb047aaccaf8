package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// The first tensor that is not finite is the first one that an observer of the graph meets, and looking for it changes
// nothing that a program knows.
func TestFirstNotFinite(t *testing.T) {
	for name, spoil := range map[string]func(m model){
		"nothing":   func(model) {},
		"parameter": func(m model) { m.parameters[2].Value().Data().([]float32)[1] = float32(math.NaN()) },
		"input":     func(m model) { inputOf(m, "x").Value().Data().([]float32)[7] = float32(math.Inf(-1)) },
		"overflow": func(m model) { // a product of the forward pass overflows
			for _, p := range m.parameters {
				if data := p.Value().Data().([]float32); len(p.Shape()) == 2 {
					for i := range data {
						data[i] = math.MaxFloat32
					}
				}
			}
		},
	} {
		for _, policyName := range []string{"float32", "halp8"} {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				m := smallCNN(tensor.Float32, 4)
				spoil(m)
				var want []graph.Tensor
				observed, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName), graph.WithObserver(func(x graph.Tensor) {
					if slices.ContainsFunc(x.Array.F32, func(v float32) bool { return v-v != 0 }) {
						want = append(want, x)
					}
				}))
				require.NoError(t, err)
				pass := graph.Pass{Backward: true, UpdateStatistics: true, Execution: 3}
				require.NoError(t, observed.Run(pass))

				program, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName))
				require.NoError(t, err)
				require.NoError(t, program.Run(pass))
				loss, counts, moved := program.Loss(), program.Counts(), slices.Clone(program.BatchNorms()[0].Running.Mean)
				gradient, err := m.parameters[0].Grad()
				require.NoError(t, err)
				first, err := program.FirstNotFinite(pass)
				require.NoError(t, err)
				same, err := m.parameters[0].Grad()
				require.NoError(t, err)
				require.Same(t, gradient, same)
				require.Equal(t, math.Float64bits(loss), math.Float64bits(program.Loss()))
				require.Equal(t, counts, program.Counts())
				for i, v := range moved {
					require.Equal(t, math.Float64bits(v), math.Float64bits(program.BatchNorms()[0].Running.Mean[i]))
				}
				switch name {
				case "nothing":
					require.Nil(t, first)
				case "parameter":
					require.Equal(t, m.parameters[2].Name(), first.Point.Name)
					require.Equal(t, []int{1, 1}, []int{first.Count, first.First})
					require.Contains(t, first.String(), "an earlier update has made it so): 1 of ")
				case "input":
					require.Equal(t, policy.Input, first.Point.Role)
					require.Equal(t, []int{1, 7}, []int{first.Count, first.First})
					require.Equal(t, math.Inf(-1), first.Value)
				default:
					require.NotEmpty(t, want)
					require.Equal(t, want[0].Name, first.Point.Name)
					require.Positive(t, first.Count)
					require.Contains(t, first.String(), "role activation, forward): ")
				}
			})
		}
	}
}
