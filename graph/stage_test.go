package graph_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// stackedLSTM is layers of LSTM cells over some steps, with a loss at every step.
func stackedLSTM(dtype tensor.Dtype, batch, steps, layers, hidden int) model {
	const vocabulary = 7
	g := gorgonia.NewGraph()
	m := model{}
	seed := 0
	input := func(scale float64, name string, shape ...int) *gorgonia.Node {
		seed++
		return gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(dtype, seed, scale, shape...)))
	}
	parameter := func(name string, shape ...int) *gorgonia.Node {
		n := input(0.4, name, shape...)
		m.parameters = append(m.parameters, n)
		return n
	}
	var wx, wh, b [][4]*gorgonia.Node
	var h, c []*gorgonia.Node
	inputs := vocabulary
	for l := range layers {
		var x, r, bias [4]*gorgonia.Node
		for i, gate := range []string{"i", "f", "g", "o"} {
			x[i], r[i] = parameter(fmt.Sprintf("lstm%d/%s.x", l, gate), inputs, hidden), parameter(fmt.Sprintf("lstm%d/%s.h", l, gate), hidden, hidden)
			bias[i] = parameter(fmt.Sprintf("lstm%d/%s.b", l, gate), hidden)
		}
		wx, wh, b = append(wx, x), append(wh, r), append(b, bias)
		h, c = append(h, input(0, fmt.Sprintf("h%d", l), batch, hidden)), append(c, input(0.5, fmt.Sprintf("c%d", l), batch, hidden))
		inputs = hidden
	}
	wy, by := parameter("out/w", hidden, vocabulary), parameter("out/b", vocabulary)
	for t := range steps {
		x := input(1, fmt.Sprintf("x%d", t), batch, vocabulary)
		y := gorgonia.NewMatrix(g, dtype, gorgonia.WithShape(batch, vocabulary), gorgonia.WithName(fmt.Sprintf("y%d", t)), gorgonia.WithValue(onehot(dtype, batch, vocabulary)))
		for l := range layers {
			graph.Layer(g, fmt.Sprintf("lstm%d", l), func() {
				var z [4]*gorgonia.Node
				for i := range z {
					z[i] = must(gorgonia.Add(must(gorgonia.Mul(x, wx[l][i])), must(gorgonia.Mul(h[l], wh[l][i]))))
					z[i] = must(gorgonia.BroadcastAdd(z[i], b[l][i], nil, []byte{0}))
				}
				in, forget, candidate, out := must(gorgonia.Sigmoid(z[0])), must(gorgonia.Sigmoid(z[1])), must(gorgonia.Tanh(z[2])), must(gorgonia.Sigmoid(z[3]))
				c[l] = must(gorgonia.Add(must(gorgonia.HadamardProd(forget, c[l])), must(gorgonia.HadamardProd(in, candidate))))
				h[l] = must(gorgonia.HadamardProd(out, must(gorgonia.Tanh(c[l]))))
			})
			x = h[l]
		}
		graph.Layer(g, "out", func() {
			m.output = must(gorgonia.BroadcastAdd(must(gorgonia.Mul(x, wy)), by, nil, []byte{0}))
			loss := must(gorgonia.Neg(must(gorgonia.Mean(must(gorgonia.HadamardProd(must(gorgonia.Log(must(gorgonia.SoftMax(m.output)))), y))))))
			if t > 0 {
				loss = must(gorgonia.Add(m.loss, loss))
			}
			m.loss = loss
		})
	}
	return m
}

// Recurrent networks run in stages with the bits of the reference: loss, gradients, the state of the last step, and what
// the quantize nodes count, in several runs.
func TestStagesEqualReference(t *testing.T) {
	for _, of := range []struct{ batch, steps, layers, hidden int }{{1, 4, 1, 5}, {2, 3, 2, 33}, {9, 3, 2, 16}, {25, 2, 3, 20}} {
		for _, name := range []string{"float32", "swalp8", "fixed8", "qpytorch8"} {
			t.Run(fmt.Sprintf("%v/%s", of, name), func(t *testing.T) {
				build := func() model { return stackedLSTM(tensor.Float32, of.batch, of.steps, of.layers, of.hidden) }
				want := runs(t, build(), shipped(t, name), 1, graph.Reference())
				for _, threads := range []int{1, 2, 3, 7} {
					requireSameBits(t, want, runs(t, build(), shipped(t, name), 1, graph.WithThreads(threads)))
				}
			})
		}
	}
}

// Errors so small that their products with weights lie below the smallest float32 make a sum inexact that else is exact:
// then the stage gives way to the steps one by one, whose sums all rows decide together.
func TestStagesGiveWayToSumsThatAllRowsDecide(t *testing.T) {
	for _, exponent := range []int{-120, -100, -60, 40, 100} {
		build := func() model {
			m := stackedLSTM(tensor.Float32, 4, 3, 2, 25)
			for _, p := range m.parameters { // weights whose 25 channels differ by factors up to 2^12
				data := p.Value().Data().([]float32)
				for i := range data {
					data[i] *= float32(math.Ldexp(1, -(i % 5 * 3)))
				}
			}
			return m
		}
		scale := math.Ldexp(1, exponent)
		want := runs(t, build(), shipped(t, "swalp8"), scale, graph.Reference())
		requireSameBits(t, want, runs(t, build(), shipped(t, "swalp8"), scale, graph.WithThreads(3)))
	}
}

// results are what several runs of a program give.
type results struct {
	losses    []float64
	gradients [][]float32
	output    []float32
	counts    []graph.Count
}

func runs(t *testing.T, m model, p *policy.Policy, errorScale float64, opts ...graph.Option) results {
	t.Helper()
	program, err := graph.Compile(m.loss, m.parameters, p, append(opts, graph.WithOutputs(m.output))...)
	require.NoError(t, err)
	program.SetErrorScale(errorScale)
	var r results
	for i := range 3 {
		require.NoError(t, program.Run(graph.Pass{Execution: uint32(i), Backward: i != 1}))
		r.losses = append(r.losses, program.Loss())
		r.output = append(r.output, program.Output(m.output).F32...)
		if i == 1 {
			continue
		}
		for _, q := range program.Parameters() {
			r.gradients = append(r.gradients, append([]float32(nil), q.Gradient.F32...))
		}
	}
	r.counts = program.Counts()
	return r
}

// Sums whose interior is simulated are so in stages too, and where only those of weight gradients are.
func TestStagesKeepTheInteriorOfSums(t *testing.T) {
	build := func() model { return stackedLSTM(tensor.Float32, 3, 4, 2, 12) }
	exact := runs(t, build(), shipped(t, "float32"), 1)
	for _, use := range []string{"", "use: forward, ", "use: backward-data, ", "use: backward-weight, "} {
		p := withRules(t, shipped(t, "float32"), `{match: "**", op: dense, `+use+`product: "float:e5m2ieee,rne,sat", sum: "float:e6m5ieee,rne,sat,order=seq"}`)
		want := runs(t, build(), p, 1, graph.Reference())
		require.NotEqual(t, want.gradients, exact.gradients, use)
		for _, threads := range []int{1, 3} {
			requireSameBits(t, want, runs(t, build(), p, 1, graph.WithThreads(threads)), use)
		}
	}
}

// Many steps in time give the bits of the reference too, and each is one op.
func TestManyStepsInTime(t *testing.T) {
	requireReference(t, stackedLSTM(tensor.Float32, 3, 50, 2, 17), 100, 1, 2, 3, 7)
}

// requireReference requires the reference's bits at these numbers of threads, and so many steps of LSTM cells.
func requireReference(t *testing.T, m model, cells int, threads ...int) {
	t.Helper()
	for _, name := range []string{"float32", "qpytorch8", "swalp8"} {
		want := runs(t, m, shipped(t, name), 1, graph.Reference())
		for _, n := range threads {
			requireSameBits(t, want, runs(t, m, shipped(t, name), 1, graph.WithThreads(n)), "%s, %d threads", name, n)
		}
	}
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
	require.NoError(t, err)
	ops := map[string]bool{}
	for _, e := range program.Explain() {
		if op, _, _ := strings.Cut(e.Name, "."); e.Op == "lstm" && strings.Contains(op, "/lstm") {
			ops[op] = true
		}
	}
	require.Len(t, ops, cells)
}
