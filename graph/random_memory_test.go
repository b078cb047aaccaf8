package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// No array of the plan of a random network stands in the way of another one either: tensors that are read by several ops,
// twice by one, and reshaped; outputs in the middle; planes and blocks.
func TestRandomPlansShareMemorySafely(t *testing.T) {
	names := []string{"float32", "swalp8", "qpytorch8", "fixed8"}
	for seed := range uint64(24) {
		rng := rand.New(rand.NewPCG(seed, 7))
		dtype := []tensor.Dtype{tensor.Float32, tensor.Float32, tensor.Float64}[seed%3]
		var m model
		var outputs gorgonia.Nodes
		options := []graph.Option{graph.WithThreads(2)}
		p := shipped(t, names[seed/3%4])
		switch {
		case seed%2 == 0:
			m = randomCNN(rng, dtype, 2+int(seed%3))
			outputs = gorgonia.Nodes{m.output}
		case seed%4 == 1:
			m = blockyCNN(rng, 2)
			outputs = gorgonia.Nodes{m.output}
			options = append(options, graph.WithBlocks())
		default:
			m, outputs = randomModel(rng, dtype)
		}
		program, err := graph.Compile(m.loss, m.parameters, p, append(options, graph.WithOutputs(outputs...))...)
		require.NoError(t, err)
		require.NoError(t, program.Run(graph.Pass{Backward: true})) // gives inputs their memory
		require.NoError(t, program.Overlaps(), "seed %d", seed)
	}
}
