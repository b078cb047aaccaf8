package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/qops"
)

// must unwraps a builder's result.
func must(n *gorgonia.Node, err error) *gorgonia.Node {
	if err != nil {
		panic(err)
	}
	return n
}

// Every op's gradient agrees with central differences in float64. Among them are the replacements of the ops that
// Gorgonia v0.9.18 gets wrong: slices with bounds of 256 and more (merged), average pooling (divides by the width),
// batch norm (its statistics reset) and log-softmax (merged with softmax).
func TestGradientsAgreeWithDifferences(t *testing.T) {
	conv := func(k, pad, stride, dilation int) func(in gorgonia.Nodes) *gorgonia.Node {
		return func(in gorgonia.Nodes) *gorgonia.Node {
			return must(qops.NewConv(in[0], in[1], qops.ConvShape{
				Kernel: [2]int{k, k}, Pad: [2]int{pad, pad}, Stride: [2]int{stride, stride}, Dilation: [2]int{dilation, dilation},
			}))
		}
	}
	cases := []struct {
		name   string
		shapes [][]int
		build  func(in gorgonia.Nodes) *gorgonia.Node
	}{
		{"conv 3x3", [][]int{{2, 3, 6, 5}, {4, 3, 3, 3}}, conv(3, 1, 1, 1)},
		{"conv stride 2", [][]int{{2, 3, 7, 6}, {4, 3, 3, 3}}, conv(3, 1, 2, 1)},
		{"conv 1x1 stride 2", [][]int{{2, 3, 6, 6}, {4, 3, 1, 1}}, conv(1, 0, 2, 1)},
		{"conv dilated", [][]int{{1, 2, 7, 7}, {3, 2, 3, 3}}, conv(3, 2, 1, 2)},
		{"dense", [][]int{{3, 4}, {4, 5}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewDense(in[0], in[1], false, false)) }},
		{"dense aT", [][]int{{4, 3}, {4, 5}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewDense(in[0], in[1], true, false)) }},
		{"dense bT", [][]int{{3, 4}, {5, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewDense(in[0], in[1], false, true)) }},
		{"dense aT bT", [][]int{{4, 3}, {5, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewDense(in[0], in[1], true, true)) }},
		{"bias 2-D", [][]int{{3, 4}, {4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewBiasAdd(in[0], in[1])) }},
		{"bias 4-D", [][]int{{2, 3, 4, 5}, {1, 3, 1, 1}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewBiasAdd(in[0], in[1])) }},
		{"batch norm 4-D", [][]int{{3, 2, 4, 4}, {1, 2, 1, 1}, {1, 2, 1, 1}}, func(in gorgonia.Nodes) *gorgonia.Node {
			return must(qops.NewBatchNorm(in[0], in[1], in[2], 1e-5, qops.NewRunning(2, 0.1)))
		}},
		{"batch norm 2-D", [][]int{{6, 4}, {4}, {4}}, func(in gorgonia.Nodes) *gorgonia.Node {
			return must(qops.NewBatchNorm(in[0], in[1], in[2], 1e-5, qops.NewRunning(4, 0.1)))
		}},
		{"relu", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewReLU(in[0]) }},
		{"sigmoid", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewSigmoid(in[0]) }},
		{"tanh", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewTanh(in[0]) }},
		{"exp", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewExp(in[0]) }},
		{"log of square", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewLog(qops.NewSquare(in[0])) }},
		{"add", [][]int{{3, 4}, {3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewAdd(in[0], in[1])) }},
		{"add to itself", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewAdd(in[0], in[0])) }},
		{"sub", [][]int{{3, 4}, {3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewSub(in[0], in[1])) }},
		{"mul", [][]int{{3, 4}, {3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewMul(in[0], in[1])) }},
		{"factor", [][]int{{3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return qops.NewTimes(in[0], -2.5) }},
		{"average pool", [][]int{{2, 3, 4, 5}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewReduce(in[0], 2, 3, true)) }},
		{"sum over axis 1", [][]int{{2, 3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewReduce(in[0], 1, 1, false)) }},
		{"slice beyond 256", [][]int{{2, 300}}, func(in gorgonia.Nodes) *gorgonia.Node {
			a, b := must(qops.NewSlice(in[0], 1, 0, 20)), must(qops.NewSlice(in[0], 1, 256, 276))
			return must(qops.NewMul(a, b))
		}},
		{"concat", [][]int{{2, 3}, {2, 1}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewConcat(1, in[0], in[1])) }},
		{"transpose", [][]int{{2, 3, 4}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewTranspose(in[0], []int{2, 0, 1})) }},
		{"reshape", [][]int{{2, 6}}, func(in gorgonia.Nodes) *gorgonia.Node { return must(qops.NewReshape(in[0], []int{3, 4})) }},
		{"softmax loss", [][]int{{4, 5}}, func(in gorgonia.Nodes) *gorgonia.Node {
			target := gorgonia.NewMatrix(in[0].Graph(), gorgonia.Float64, gorgonia.WithShape(4, 5), gorgonia.WithName("t"), gorgonia.WithValue(onehot(tensor.Float64, 4, 5)))
			return must(qops.NewSoftmaxLoss(in[0], target, 0.25))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkGradient(t, c.shapes, c.build) })
	}
}

// checkGradient compares the gradient of a weighted sum of the op's output with central differences.
func checkGradient(t *testing.T, shapes [][]int, build func(in gorgonia.Nodes) *gorgonia.Node) {
	t.Helper()
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	for i, s := range shapes {
		in = append(in, gorgonia.NewTensor(g, gorgonia.Float64, len(s), gorgonia.WithShape(s...), gorgonia.WithName("in"+string(rune('a'+i))), gorgonia.WithValue(values(tensor.Float64, i+3, 1, s...))))
	}
	loss := build(in)
	if !loss.IsScalar() {
		weights := gorgonia.NewTensor(g, gorgonia.Float64, loss.Dims(), gorgonia.WithShape(loss.Shape()...), gorgonia.WithName("weights"), gorgonia.WithValue(values(tensor.Float64, 77, 1, loss.Shape()...)))
		loss = must(qops.NewReduce(must(qops.NewMul(loss, weights)), 0, loss.Dims()-1, false))
	}
	program, err := graph.Compile(loss, in, shipped(t, "float32"))
	require.NoError(t, err)
	run := func() float64 {
		require.NoError(t, program.Run(graph.Pass{Backward: true}))
		return program.Loss()
	}
	for i, p := range program.Parameters() {
		run()
		got := append([]float64(nil), p.Gradient.F64...)
		var errorSquared, normSquared float64
		for j := range p.Value.F64 {
			const h = 1e-5
			x := p.Value.F64[j]
			p.Value.F64[j] = x + h
			up := run()
			p.Value.F64[j] = x - h
			down := run()
			p.Value.F64[j] = x
			want := (up - down) / (2 * h)
			errorSquared += (got[j] - want) * (got[j] - want)
			normSquared += want * want
		}
		require.Less(t, math.Sqrt(errorSquared/max(normSquared, 1e-20)), 1e-7, "operand %d", i)
	}
}
