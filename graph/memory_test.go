package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// No array of a plan stands in the way of another one, in any order of the threads.
func TestPlansShareMemorySafely(t *testing.T) {
	models := map[string]func() model{
		"cnn":        func() model { return smallCNN(tensor.Float32, 4) },
		"cnn64":      func() model { return smallCNN(tensor.Float64, 3) },
		"small lstm": func() model { return smallLSTM(tensor.Float32, 4, 3) },
	}
	for name, batch := range map[string]int{"resnet14": 2, "lstm": 3, "mlp": 5, "logistic": 5, "linear": 5} {
		models[name] = func() model { return netModel(t, name, tensor.Float32, batch, 1) }
	}
	for name, build := range models {
		for _, policyName := range policy.Names() {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				m := build()
				p, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName), graph.WithThreads(2), graph.WithOutputs(m.output))
				require.NoError(t, err)
				require.NoError(t, p.Run(graph.Pass{Backward: true})) // gives inputs their memory
				require.NoError(t, p.Overlaps())
			})
		}
	}
}

// What looks for overlaps finds one.
func TestOverlapsAreFound(t *testing.T) {
	m := netModel(t, "resnet14", tensor.Float32, 2, 1)
	p, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"), graph.WithThreads(2))
	require.NoError(t, err)
	require.NoError(t, p.Run(graph.Pass{Backward: true}))
	require.NoError(t, p.Overlaps())
	first, second := p.SameSize()
	p.Misplace(second, first)
	assert.ErrorContains(t, p.Overlaps(), "finds something else in the memory")
}

// Reshapes, which share their operand's memory, and ops that write over theirs do not disturb others that read it later,
// nor outputs.
func TestSharedMemory(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		var want []float32
		for _, options := range [][]graph.Option{{graph.Reference()}, {graph.WithThreads(threads)}} {
			g := gorgonia.NewGraph()
			x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(4, 2, 3, 3), gorgonia.WithName("x"), gorgonia.WithValue(values(tensor.Float32, 1, 1, 4, 2, 3, 3)))
			w := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(4, 2, 3, 3), gorgonia.WithName("w"), gorgonia.WithValue(values(tensor.Float32, 2, 1, 4, 2, 3, 3)))
			sum := gorgonia.Must(gorgonia.Add(x, w))
			flat := gorgonia.Must(gorgonia.Reshape(sum, tensor.Shape{4, 18}))
			again := gorgonia.Must(gorgonia.Reshape(flat, tensor.Shape{8, 9}))
			active := gorgonia.Must(gorgonia.Tanh(again))
			back := gorgonia.Must(gorgonia.Reshape(active, tensor.Shape{4, 2, 3, 3}))
			product := gorgonia.Must(gorgonia.HadamardProd(back, sum))
			late := gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Reshape(product, tensor.Shape{4, 18})), flat))
			loss := gorgonia.Must(gorgonia.Mean(late))
			p, err := graph.Compile(loss, gorgonia.Nodes{w}, shipped(t, "float32"), append(options, graph.WithOutputs(again, late))...)
			require.NoError(t, err)
			require.NoError(t, p.Run(graph.Pass{Backward: true}))
			got := append([]float32{float32(p.Loss())}, p.Output(again).F32...)
			got = append(append(got, p.Output(late).F32...), p.Parameters()[0].Gradient.F32...)
			if want == nil {
				want = got
			}
			requireSameBits(t, want, got)
		}
	}
}
