package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/qops/number"
)

// Gorgonia's dropout and average pools are replaced by ops whose gradients agree with differences; Gorgonia's own have
// wrong factors, or none.
func TestReplacedOpsAgreeWithDifferences(t *testing.T) {
	checkGradient(t, [][]int{{6, 50}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(gorgonia.Dropout(in[0], 0.3)) })
	checkGradient(t, [][]int{{2, 3, 4, 5}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(gorgonia.GlobalAveragePool2D(in[0])) })
	checkGradient(t, [][]int{{2, 3, 6, 5}}, func(in gorgonia.Nodes) *gorgonia.Node {
		return must(gorgonia.AveragePool2D(in[0], tensor.Shape{2, 3}, []int{0, 0}, []int{2, 1}))
	})
}

// Dropout drops the share that it should, scales the rest, draws anew at every execution and does nothing in evaluation.
func TestDropout(t *testing.T) {
	const p, rows, columns = 0.25, 40, 500
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(rows, columns), gorgonia.WithName("x"), gorgonia.WithValue(values(tensor.Float32, 1, 1, rows, columns)))
	y := must(gorgonia.Dropout(x, p))
	program, err := graph.Compile(must(gorgonia.Sum(y)), gorgonia.Nodes{x}, shipped(t, "float32"), graph.WithOutputs(y))
	require.NoError(t, err)
	in := floats(x.Value().Data())
	run := func(pass graph.Pass) []float64 {
		require.NoError(t, program.Run(pass))
		return floats(program.Output(y).F32)
	}
	first := run(graph.Pass{Execution: 1})
	dropped := 0
	for i, v := range first {
		if v == 0 {
			dropped++
		} else {
			require.InEpsilon(t, in[i]/(1-p), v, 1e-6)
		}
	}
	// 5 deviations of a binomial distribution
	require.InDelta(t, p*rows*columns, dropped, 5*61.3)
	require.Equal(t, first, run(graph.Pass{Execution: 1}))
	require.NotEqual(t, first, run(graph.Pass{Execution: 2}))
	require.Equal(t, in, run(graph.Pass{Evaluation: true, Domain: number.Evaluation}))
}

// The average pool divides by the window's area.
func TestAveragePool(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewTensor(g, gorgonia.Float32, 4, gorgonia.WithShape(1, 1, 2, 4), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1, 1, 2, 4), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8}))))
	y := must(gorgonia.AveragePool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	program, err := graph.Compile(must(gorgonia.Sum(y)), gorgonia.Nodes{x}, shipped(t, "float32"), graph.WithOutputs(y))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	require.Equal(t, []float32{3.5, 5.5}, program.Output(y).F32)
	require.Equal(t, []float32{.25, .25, .25, .25, .25, .25, .25, .25}, program.Parameters()[0].Gradient.F32)
}
