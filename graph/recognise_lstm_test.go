package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// cellModel builds an LSTM over some steps from a function that makes the gates' activations, in the order i, f, g, o, and one
// that makes the new state of them. parameter makes a named parameter, the same one for the same name.
type cellModel struct {
	parameter func(name string, shape ...int) *gorgonia.Node
	x, h, c   *gorgonia.Node
	step      int
}

const (
	cellBatch  = 3
	cellInputs = 5
	cellHidden = 4
)

func buildCells(dtype tensor.Dtype, steps int, build func(m *cellModel) (h, c *gorgonia.Node)) model {
	g := gorgonia.NewGraph()
	var out model
	made := map[string]*gorgonia.Node{}
	input := func(scale float64, name string, shape ...int) *gorgonia.Node {
		v := values(dtype, len(made)+len(name)+shape[0], scale, shape...)
		made[name] = gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
		return made[name]
	}
	m := &cellModel{parameter: func(name string, shape ...int) *gorgonia.Node {
		if made[name] == nil {
			out.parameters = append(out.parameters, input(0.5, name, shape...))
		}
		return made[name]
	}}
	m.h, m.c = input(0.3, "h0", cellBatch, cellHidden), input(0.3, "c0", cellBatch, cellHidden)
	for m.step = range steps {
		m.x = input(1, fmt.Sprintf("x%d", m.step), cellBatch, cellInputs)
		graph.Layer(g, "cell", func() { m.h, m.c = build(m) })
	}
	out.output = m.h
	out.loss = mean(must(gorgonia.Square(m.h)))
	return out
}

func (m *cellModel) wx(gate string) *gorgonia.Node {
	return m.parameter("cell/"+gate+"x", cellInputs, cellHidden)
}

func (m *cellModel) wh(gate string) *gorgonia.Node {
	return m.parameter("cell/"+gate+"h", cellHidden, cellHidden)
}

func (m *cellModel) bias(name string) *gorgonia.Node { return m.parameter("cell/"+name, cellHidden) }

func times(a, b *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Mul(a, b)) }
func plus(a, b *gorgonia.Node) *gorgonia.Node  { return must(gorgonia.Add(a, b)) }
func had(a, b *gorgonia.Node) *gorgonia.Node   { return must(gorgonia.HadamardProd(a, b)) }
func sig(x *gorgonia.Node) *gorgonia.Node      { return must(gorgonia.Sigmoid(x)) }
func hyp(x *gorgonia.Node) *gorgonia.Node      { return must(gorgonia.Tanh(x)) }
func biased(x, b *gorgonia.Node) *gorgonia.Node {
	return must(gorgonia.BroadcastAdd(x, b, nil, []byte{0}))
}

// usual is x*Wx + h*Wh + b.
func (m *cellModel) usual(gate string) *gorgonia.Node {
	return biased(plus(times(m.x, m.wx(gate)), times(m.h, m.wh(gate))), m.bias(gate+"b"))
}

func (m *cellModel) usualState(i, f, g, o *gorgonia.Node) (h, c *gorgonia.Node) {
	c = plus(had(f, m.c), had(i, g))
	return had(o, hyp(c)), c
}

// gatePoints are the points of a gate with one bias.
func gatePoints(gates ...string) []string {
	var out []string
	for _, g := range gates {
		out = append(out, g+"-input", g+"-state", g+"-partial1", g+"-sum", g)
	}
	return out
}

var cellPoints = []string{"fc", "ig", "c", "tanh-c", "h"}

// The ways to write a cell, and the points that it has.
var cells = map[string]struct {
	build  func(m *cellModel) (h, c *gorgonia.Node)
	points []string
}{
	"as in the books": {func(m *cellModel) (h, c *gorgonia.Node) {
		return m.usualState(sig(m.usual("i")), sig(m.usual("f")), hyp(m.usual("g")), sig(m.usual("o")))
	}, slices.Concat(gatePoints("i", "f", "g", "o"), cellPoints)},
	"gates in another order, operands swapped": {func(m *cellModel) (h, c *gorgonia.Node) {
		gate := func(name string) *gorgonia.Node {
			return biased(plus(times(m.h, m.wh(name)), times(m.x, m.wx(name))), m.bias(name+"b"))
		}
		o, g, i, f := sig(gate("o")), hyp(gate("g")), sig(gate("i")), sig(gate("f"))
		c = plus(had(g, i), had(m.c, f))
		return had(hyp(c), o), c
	}, slices.Concat(gatePoints("i", "f", "g", "o"), cellPoints)},
	"a bias for each product": {func(m *cellModel) (h, c *gorgonia.Node) {
		gate := func(name string) *gorgonia.Node {
			return plus(biased(times(m.x, m.wx(name)), m.bias(name+"bx")), biased(times(m.h, m.wh(name)), m.bias(name+"bh")))
		}
		return m.usualState(sig(gate("i")), sig(gate("f")), hyp(gate("g")), sig(gate("o")))
	}, slices.Concat(gatePoints("i", "f", "g", "o"), []string{"i-partial2", "f-partial2", "g-partial2", "o-partial2"}, cellPoints)},
	"a bias for the forget gate alone": {func(m *cellModel) (h, c *gorgonia.Node) {
		gate := func(name string) *gorgonia.Node { return plus(times(m.x, m.wx(name)), times(m.h, m.wh(name))) }
		return m.usualState(sig(gate("i")), sig(m.usual("f")), hyp(gate("g")), sig(gate("o")))
	}, slices.Concat(gatePoints("f"), []string{"i-input", "i-state", "i-sum", "i", "g-input", "g-state", "g-sum", "g", "o-input", "o-state", "o-sum", "o"}, cellPoints)},
	"x and h joined": {func(m *cellModel) (h, c *gorgonia.Node) {
		joined := must(qops.NewConcat(1, m.x, m.h))
		gate := func(name string) *gorgonia.Node {
			return biased(times(joined, m.parameter("cell/"+name+"w", cellInputs+cellHidden, cellHidden)), m.bias(name+"b"))
		}
		return m.usualState(sig(gate("i")), sig(gate("f")), hyp(gate("g")), sig(gate("o")))
	}, slices.Concat([]string{"i-product", "i-sum", "i", "f-product", "f-sum", "f", "g-product", "g-sum", "g", "o-product", "o-sum", "o"}, cellPoints)},
	"one product for all gates": {func(m *cellModel) (h, c *gorgonia.Node) {
		wx, wh := m.parameter("cell/wx", cellInputs, 4*cellHidden), m.parameter("cell/wh", cellHidden, 4*cellHidden)
		all := biased(plus(times(m.x, wx), times(m.h, wh)), m.parameter("cell/b", 4*cellHidden))
		gate := func(i int) *gorgonia.Node {
			return must(qops.NewSlice(all, 1, i*cellHidden, (i+1)*cellHidden))
		}
		return m.usualState(sig(gate(0)), sig(gate(1)), hyp(gate(2)), sig(gate(3)))
	}, slices.Concat([]string{"gates-input", "gates-state", "gates-partial1", "gates-sum", "i-slice", "i", "f-slice", "f", "g-slice", "g", "o-slice", "o"}, cellPoints)},
}

// An LSTM cell is one op per step in time with a name for each of its points, however it is written; its numbers are those
// of Gorgonia.
func TestLSTMCells(t *testing.T) {
	const steps = 3
	for name, cell := range cells {
		t.Run(name, func(t *testing.T) {
			m := buildCells(tensor.Float64, steps, cell.build)
			loss, grads, program := halftone(t, m, shipped(t, "float32"))
			points := map[string][]string{}
			for _, e := range program.Explain() {
				if e.Op != "lstm" || strings.Contains(e.Name, "grad") {
					continue
				}
				op, point, _ := strings.Cut(e.Name, ".")
				points[op] = append(points[op], point)
				role := policy.Activation
				if point == "c" || point == "h" {
					role = policy.State
				}
				require.Equal(t, role, e.Role, e.Name)
			}
			require.Len(t, points, steps)
			for step := range steps {
				require.ElementsMatch(t, cell.points, points[fmt.Sprintf("cell/lstm%d", step+1)])
			}
			for _, e := range program.Explain() {
				require.NotContains(t, []string{"dense", "add", "mul", "sigmoid", "tanh"}, e.Op, e.Name)
			}
			if name == "x and h joined" || name == "one product for all gates" {
				return // Gorgonia cannot run ops of package qops backward
			}
			wantLoss, want := plain(t, buildCells(tensor.Float64, steps, cell.build))
			require.InDelta(t, wantLoss, loss, 1e-12)
			for i := range grads {
				require.Less(t, relativeError(grads[i], want[i]), 1e-11, m.parameters[i].Name())
			}
		})
	}
}

// The products of a step are told apart by what they multiply: the h that comes with the c before is the state, whichever
// comes first, also at the first step.
func TestInputAndStateOfLSTMCells(t *testing.T) {
	for _, name := range []string{"as in the books", "gates in another order, operands swapped"} {
		m := buildCells(tensor.Float32, 3, cells[name].build)
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
		require.NoError(t, err)
		uses := 0
		for _, pt := range program.Points() {
			for _, gate := range []string{"i", "f", "g", "o"} {
				for kind, weight := range map[string]string{"-input": "x", "-state": "h"} {
					if strings.HasPrefix(pt.Name, "cell/"+gate+weight+">") && pt.Use == policy.Forward {
						require.Contains(t, pt.Name, "."+gate+kind+".weight", name)
						uses++
					}
				}
			}
		}
		require.Equal(t, 3*8, uses)
	}
}

// What is nearly an LSTM cell stays the ops that it is made of.
func TestNearlyLSTMCells(t *testing.T) {
	i := func(m *cellModel) *gorgonia.Node { return sig(m.usual("i")) }
	f := func(m *cellModel) *gorgonia.Node { return sig(m.usual("f")) }
	g := func(m *cellModel) *gorgonia.Node { return hyp(m.usual("g")) }
	o := func(m *cellModel) *gorgonia.Node { return sig(m.usual("o")) }
	for name, build := range map[string]func(m *cellModel) (h, c *gorgonia.Node){
		"a forget gate that is what the input gate leaves": func(m *cellModel) (h, c *gorgonia.Node) {
			c = plus(m.c, had(i(m), must(gorgonia.Sub(g(m), m.c))))
			return had(o(m), hyp(c)), c
		},
		"a gate that sees c": func(m *cellModel) (h, c *gorgonia.Node) {
			return m.usualState(i(m), f(m), g(m), sig(plus(m.usual("o"), had(m.c, m.c))))
		},
		"one gate twice": func(m *cellModel) (h, c *gorgonia.Node) {
			in := i(m)
			return m.usualState(in, in, g(m), o(m))
		},
		"a gate of another input": func(m *cellModel) (h, c *gorgonia.Node) {
			other := m.parameter(fmt.Sprintf("cell/other%d", m.step), cellBatch, cellInputs)
			return m.usualState(i(m), f(m), g(m), sig(plus(times(other, m.wx("o")), times(m.h, m.wh("o")))))
		},
		"h is not squashed": func(m *cellModel) (h, c *gorgonia.Node) {
			c = plus(had(f(m), m.c), had(i(m), g(m)))
			return had(o(m), c), c
		},
		"a candidate through a sigmoid": func(m *cellModel) (h, c *gorgonia.Node) {
			return m.usualState(i(m), f(m), sig(m.usual("g")), o(m))
		},
		"a difference of products": func(m *cellModel) (h, c *gorgonia.Node) {
			c = must(gorgonia.Sub(had(f(m), m.c), had(i(m), g(m))))
			return had(o(m), hyp(c)), c
		},
		"no weight on the state": func(m *cellModel) (h, c *gorgonia.Node) {
			gate := func(name string) *gorgonia.Node { return plus(must(gorgonia.Mul(m.x, m.wx(name))), m.h) }
			return m.usualState(sig(gate("i")), sig(gate("f")), hyp(gate("g")), sig(gate("o")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := buildCells(tensor.Float64, 2, build)
			kinds := map[string]bool{}
			program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
			require.NoError(t, err)
			for _, e := range program.Explain() {
				kinds[e.Op] = true
			}
			require.NotContains(t, kinds, "lstm")
			require.Contains(t, kinds, "dense")
		})
	}
}

// Rules reach a cell's points by op, by name, and its parameters by the operand that they are.
func TestRulesForLSTMCells(t *testing.T) {
	m := buildCells(tensor.Float32, 2, cells["as in the books"].build)
	p := withRules(t, shipped(t, "swalp8"),
		`{op: lstm, activation: "fixed:w8f6,rne,sat"}`,
		`{op: lstm, tensor: "cell/lstm2.*-sum", format: "fixed:w8f5,rne,sat"}`,
		`{op: lstm, takes: bias, bias: "fixed:w8f4,rne,sat", gradient: "fixed:w8f3,rne,sat", momentum: "fixed:w8f2,rne,sat"}`,
		`{op: lstm, takes: weight, weight: "fixed:w8f7,rne,sat"}`)
	program, err := graph.Compile(m.loss, m.parameters, p)
	require.NoError(t, err)
	of := explained(program)
	require.Equal(t, "fixed:w8f6,rne,sat", of["cell/lstm1.i-sum"].Format)
	require.Equal(t, "fixed:w8f5,rne,sat", of["cell/lstm2.i-sum"].Format)
	require.Equal(t, "fixed:w8f6,rne,sat", of["cell/lstm2.i-partial1"].Format)
	require.Equal(t, "bfp:w8e8,block=sample,sr,sat", of["cell/lstm2.c"].Format)
	for _, q := range program.Parameters() {
		bias := strings.HasSuffix(q.Name, "b")
		want := map[policy.Role]string{policy.Gradient: "bfp:w8e8,block=channel,sr,sat", policy.Momentum: "bfp:w8e8,block=channel,sr,sat"}
		value := "fixed:w8f7,rne,sat"
		if bias {
			want = map[policy.Role]string{policy.Gradient: "fixed:w8f3,rne,sat", policy.Momentum: "fixed:w8f2,rne,sat"}
			value = "fixed:w8f4,rne,sat"
		}
		require.Equal(t, value, of[q.Name].Format, q.Name)
		for role, format := range want {
			require.Equal(t, format, q.Formats[role].String(), "%s: %s", q.Name, role)
		}
	}
}
