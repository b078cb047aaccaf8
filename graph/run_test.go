package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/qops"
)

// inputOf finds an input of a model by its name.
func inputOf(m model, name string) *gorgonia.Node {
	for _, n := range m.loss.Graph().AllNodes() {
		if n.Op() == nil && n.Name() == name {
			return n
		}
	}
	return nil
}

// A model compiled twice shares its parameters: what one program's user writes, the other reads. Each program has its own
// gradients.
func TestOneModelCompiledTwice(t *testing.T) {
	m := smallCNN(tensor.Float32, 4)
	first, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithOutputs(m.output))
	require.NoError(t, err)
	second, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"))
	require.NoError(t, err)
	pass := graph.Pass{Backward: true}
	require.NoError(t, first.Run(pass))
	loss, gradient := first.Loss(), append([]float32(nil), first.Parameters()[0].Gradient.F32...)
	require.NoError(t, second.Run(pass))
	require.NotEqual(t, loss, second.Loss())
	require.NotEqual(t, gradient, second.Parameters()[0].Gradient.F32)
	require.Equal(t, gradient, first.Parameters()[0].Gradient.F32)
	require.Equal(t, loss, first.Loss())

	for i, p := range first.Parameters() {
		require.Same(t, &p.Value.F32[0], &second.Parameters()[i].Value.F32[0])
		p.Value.F32[0] += 0.5
	}
	require.NoError(t, second.Run(pass))
	changed := second.Loss()
	require.NoError(t, first.Run(pass))
	require.NotEqual(t, loss, first.Loss())

	fresh := smallCNN(tensor.Float32, 4)
	for _, p := range fresh.parameters {
		p.Value().Data().([]float32)[0] += 0.5
	}
	want, _, _ := halftone(t, fresh, shipped(t, "swalp8"))
	require.Equal(t, want, changed)
	require.NotNil(t, first.Output(m.output))
	require.Nil(t, second.Output(m.output), "not asked for")
}

// Values of inputs and parameters may be replaced between runs.
func TestValuesAreReplaced(t *testing.T) {
	m := smallCNN(tensor.Float32, 4)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{}))
	first := program.Loss()
	x := inputOf(m, "x")
	old := x.Value()
	require.NoError(t, gorgonia.Let(x, values(tensor.Float32, 99, 1, 4, 3, 8, 8)))
	require.NoError(t, program.Run(graph.Pass{}))
	require.NotEqual(t, first, program.Loss())
	require.NoError(t, gorgonia.Let(x, old))
	require.NoError(t, gorgonia.Let(m.parameters[0], values(tensor.Float32, 98, 1, 4, 3, 3, 3)))
	require.NoError(t, program.Run(graph.Pass{}))
	require.NotEqual(t, first, program.Loss())
	require.NoError(t, gorgonia.Let(m.parameters[0], values(tensor.Float32, 10, 0.3, 4, 3, 3, 3)))
	require.NoError(t, program.Run(graph.Pass{}))
	require.Equal(t, first, program.Loss())
}

// A value that is missing, of another shape, of another type or not contiguous is an error that names the input.
func TestValuesThatCannotBeRead(t *testing.T) {
	build := func() (*gorgonia.Node, *graph.Program) {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("x"))
		w := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(3, 2), gorgonia.WithName("w"), gorgonia.WithValue(values(gorgonia.Float32, 1, 1, 3, 2)))
		program, err := graph.Compile(mean(gorgonia.Must(gorgonia.Mul(x, w))), gorgonia.Nodes{w}, shipped(t, "float32"))
		require.NoError(t, err)
		return x, program
	}
	_, program := build()
	require.ErrorContains(t, program.Run(graph.Pass{}), `input "x" has no value; bind one with gorgonia.Let`)

	x, program := build()
	require.NoError(t, gorgonia.Let(x, values(gorgonia.Float32, 1, 1, 2, 3)))
	require.NoError(t, program.Run(graph.Pass{}))
	require.NoError(t, x.Value().(*tensor.Dense).Reshape(3, 2))
	require.ErrorContains(t, program.Run(graph.Pass{}), `input "x" has a value of shape (3, 2)`)

	x, program = build()
	whole := values(gorgonia.Float32, 1, 1, 2, 6)
	view, err := whole.Slice(nil, gorgonia.S(0, 3))
	require.NoError(t, err)
	require.NoError(t, gorgonia.Let(x, view))
	require.ErrorContains(t, program.Run(graph.Pass{}), `input "x" has a value that is not contiguous; clone it`)

	x, program = build()
	require.NoError(t, gorgonia.Let(x, values(gorgonia.Float32, 1, 1, 2, 3)))
	require.NoError(t, program.Run(graph.Pass{}), "and all is well again")
}

// Reading a parameter or asking for it as an output does not put the rounded value into the model.
func TestReadingAParameterLeavesItAlone(t *testing.T) {
	m := smallCNN(tensor.Float32, 4)
	w := m.parameters[0]
	var read gorgonia.Value
	gorgonia.Read(w, &read)
	before := append([]float32(nil), w.Value().Data().([]float32)...)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"), graph.WithOutputs(w))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	require.Equal(t, before, w.Value().Data())
	require.Equal(t, before, read.Data())
	require.Equal(t, before, program.Parameters()[0].Value.F32)
	require.NotEqual(t, before, program.Output(w).F32, "what the model computes with")
}

// The error scale multiplies what the backward pass starts from; with a power of two in float32 it multiplies every
// gradient exactly.
func TestErrorScale(t *testing.T) {
	_, want, program := halftone(t, smallCNN(tensor.Float32, 4), shipped(t, "float32"))
	program.SetErrorScale(1024)
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	for i, p := range program.Parameters() {
		for j, v := range p.Gradient.F32 {
			require.Equal(t, want[i][j]*1024, float64(v))
		}
	}
}

// In evaluation batch norm uses the running statistics, and nothing moves them. In training they move by
// (1-m)*old + m*batch, with the variance's batch value times n/(n-1).
func TestRunningStatistics(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		m := smallCNN(dtype, 4)
		seen := newRecorder()
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"), seen.option())
		require.NoError(t, err)
		norms := program.BatchNorms()
		require.Len(t, norms, 3)
		snapshot := func() []qops.Running {
			var out []qops.Running
			for _, n := range norms {
				r := *n.Running
				r.Mean, r.Variance = append([]float64(nil), r.Mean...), append([]float64(nil), r.Variance...)
				out = append(out, r)
			}
			return out
		}
		start := snapshot()
		require.NoError(t, program.Run(graph.Pass{Backward: true}))
		require.Equal(t, start, snapshot(), "a pass that does not update")
		require.NoError(t, program.Run(graph.Pass{Backward: true, UpdateStatistics: true, Execution: 1}))
		moved := snapshot()
		for i, n := range norms {
			require.Equal(t, []string{"stem/batchnorm1", "block/batchnorm1", "down/batchnorm1"}[i], n.Name)
			const momentum = 0.1
			count := 4 * 8 * 8.0
			if i == 2 {
				count = 4 * 4 * 4
			}
			for c := range n.Running.Mean {
				mean, variance := seen.raw[n.Name+".mean"][c], seen.raw[n.Name+".variance"][c]
				require.Equal(t, float64((1-momentum)*start[i].Mean[c])+float64(momentum*mean), moved[i].Mean[c])
				require.Equal(t, float64((1-momentum)*start[i].Variance[c])+float64(momentum*(variance*count/(count-1))), moved[i].Variance[c])
			}
		}
		require.NoError(t, program.Run(graph.Pass{Evaluation: true, UpdateStatistics: true}))
		require.Equal(t, moved, snapshot(), "evaluation moves nothing")
		for i, n := range norms {
			for c := range n.Running.Mean {
				require.InDelta(t, moved[i].Mean[c], seen.raw[n.Name+".mean"][c], 1e-6)
				require.InDelta(t, moved[i].Variance[c], seen.raw[n.Name+".variance"][c], 1e-6)
			}
		}
	}
}

// A batch norm made with package qops is one op, and shares its running statistics with every program of the model.
func TestOwnBatchNorm(t *testing.T) {
	g := gorgonia.NewGraph()
	input := func(name string, seed int, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, gorgonia.Float64, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(gorgonia.Float64, seed, 1, shape...)))
	}
	x, gamma, beta := input("x", 1, 6, 3), input("norm/scale", 2, 3), input("norm/bias", 3, 3)
	running := qops.NewRunning(3, 0.25)
	var y *gorgonia.Node
	graph.Layer(g, "norm", func() { y = must(qops.NewBatchNorm(x, gamma, beta, 1e-5, running)) })
	_, _, program := halftone(t, model{loss: mean(gorgonia.Must(gorgonia.Square(y))), parameters: gorgonia.Nodes{gamma, beta}}, shipped(t, "swalp8"))
	require.Len(t, program.BatchNorms(), 1)
	require.Equal(t, "norm/batchnorm1", program.BatchNorms()[0].Name)
	require.Same(t, running, program.BatchNorms()[0].Running)
	require.NotZero(t, running.Mean[0])
	names := explained(program)
	for _, point := range []string{"mean", "variance", "invstd", "normalised", "out"} {
		require.Contains(t, names, "norm/batchnorm1."+point)
	}
}

// An output must be a node of the model.
func TestOutputsOfAnotherGraph(t *testing.T) {
	m, other := smallCNN(tensor.Float32, 4), smallCNN(tensor.Float32, 4)
	for _, n := range []*gorgonia.Node{other.output, nil} {
		_, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithOutputs(n))
		require.ErrorContains(t, err, "no node of the loss's graph")
	}
}
