package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// small is the start of a model: an input, a weight and their product in layer "body".
type small struct {
	g          *gorgonia.ExprGraph
	x, w, h    *gorgonia.Node
	parameters gorgonia.Nodes
}

func newSmall() *small {
	s := &small{g: gorgonia.NewGraph()}
	s.x = s.matrix("x", 1, 4, 6)
	s.w = s.matrix("body/w", 2, 6, 6)
	s.parameters = gorgonia.Nodes{s.w}
	graph.Layer(s.g, "body", func() { s.h = gorgonia.Must(gorgonia.Mul(s.x, s.w)) })
	return s
}

func (s *small) matrix(name string, seed, rows, columns int) *gorgonia.Node {
	return gorgonia.NewMatrix(s.g, gorgonia.Float32, gorgonia.WithShape(rows, columns), gorgonia.WithName(name), gorgonia.WithValue(values(gorgonia.Float32, seed, 1, rows, columns)))
}

func mean(x *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Mean(x)) }

// What the compiler cannot do it refuses by name and layer, and says what to do instead.
func TestRefusedGraphs(t *testing.T) {
	float := shipped(t, "float32")
	in := func(s *small, layer string, build func() *gorgonia.Node) *gorgonia.Node {
		var out *gorgonia.Node
		graph.Layer(s.g, layer, func() { out = build() })
		return out
	}
	cases := []struct {
		name    string
		build   func(s *small) *gorgonia.Node
		policy  *policy.Policy
		message []string
	}{
		{"leaky ReLU", func(s *small) *gorgonia.Node {
			return mean(in(s, "head", func() *gorgonia.Node { return gorgonia.Must(gorgonia.LeakyRelu(s.h, 0.1)) }))
		}, float, []string{`layer "head"`, "not supported", "supported are convolution"}},
		{"max pool", func(s *small) *gorgonia.Node {
			image := gorgonia.Must(gorgonia.Reshape(s.h, tensor.Shape{1, 1, 4, 6}))
			return mean(in(s, "pool", func() *gorgonia.Node {
				return gorgonia.Must(gorgonia.MaxPool2D(image, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
			}))
		}, float, []string{`layer "pool"`, "MaxPool", "not supported"}},
		{"abs", func(s *small) *gorgonia.Node {
			return mean(in(s, "head", func() *gorgonia.Node { return gorgonia.Must(gorgonia.Abs(s.h)) }))
		}, float, []string{`layer "head"`, "abs", "not supported"}},
		{"in no layer", func(s *small) *gorgonia.Node { return mean(gorgonia.Must(gorgonia.Abs(s.h))) }, float, []string{"in no layer", "abs"}},
		{"differentiated", func(s *small) *gorgonia.Node {
			loss := mean(s.h)
			if _, err := gorgonia.Grad(loss, s.w); err != nil {
				panic(err)
			}
			return loss
		}, float, []string{"already differentiated", "before calling gorgonia.Grad"}},
		{"slice beyond 256", func(s *small) *gorgonia.Node {
			wide := s.matrix("body/wide", 3, 6, 300)
			s.parameters = append(s.parameters, wide)
			return mean(in(s, "gates", func() *gorgonia.Node {
				return gorgonia.Must(gorgonia.Slice(gorgonia.Must(gorgonia.Mul(s.x, wide)), nil, gorgonia.S(256, 276)))
			}))
		}, float, []string{`layer "gates"`, "[256:276]", "modulo 256", "qops.NewSlice"}},
		{"slice with a step", func(s *small) *gorgonia.Node {
			return mean(in(s, "gates", func() *gorgonia.Node { return gorgonia.Must(gorgonia.Slice(s.h, nil, gorgonia.S(0, 4, 2))) }))
		}, float, []string{`layer "gates"`, "step", "qops.NewSlice"}},
		{"loss that is no scalar", func(s *small) *gorgonia.Node { return s.h }, float, []string{"shape (4, 6)", "must be a scalar"}},
		{"two parameters without loss", func(s *small) *gorgonia.Node {
			s.parameters = append(s.parameters, s.matrix("body/unused", 3, 2, 2), s.matrix("body/idle", 4, 2, 3))
			return mean(s.h)
		}, float, []string{`parameter "body/unused"`, "leave it out"}},
		{"parameter that is computed", func(s *small) *gorgonia.Node {
			s.parameters = gorgonia.Nodes{s.h}
			return mean(s.h)
		}, float, []string{"is no input", "leave it out"}},
		{"no parameters", func(s *small) *gorgonia.Node { s.parameters = nil; return mean(s.h) }, float, []string{"does not depend on any parameter"}},
		{"input without a name", func(s *small) *gorgonia.Node {
			return mean(gorgonia.Must(gorgonia.Add(s.h, gorgonia.NewMatrix(s.g, gorgonia.Float32, gorgonia.WithShape(4, 6)))))
		}, float, []string{"shape (4, 6) has no name", "gorgonia.WithName"}},
		{"two inputs of one name", func(s *small) *gorgonia.Node {
			return mean(gorgonia.Must(gorgonia.Mul(s.h, s.matrix("x", 3, 6, 2))))
		}, float, []string{`two inputs are named "x"`, "(6, 2)"}},
		{
			"a rule that matches nothing", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "bodi", weight: "fixed:w8f4,rne,sat"}`),
			[]string{`"bodi"`, "matches nothing", "body"},
		},
		{
			"a format wider than float32", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "body", weight: "fixed:w25f4,rne,sat"}`),
			[]string{"body/w", "wider than the 24 bits", "fixed:w25f4"},
		},
		{
			"a target", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "body", target: mac8}`),
			[]string{"body/dense1.out", "mac8", "deploy"},
		},
		{
			"a sum of codes that an operand has not", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "body", sum: "acc:w32,wrap"}`),
			[]string{"body/dense1.out (forward)", "acc:w32", "x has none", "give it a fixed"},
		},
		{
			"a sum of codes whose steps change", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, shipped(t, "swalp8"), `{match: "body", use: backward-weight, sum: "acc:w32,wrap"}`, `{tensor: "x", format: "fixed:w8f4,rne,sat"}`),
			[]string{"body/dense1.grad-weight", "acc:w32", "blocks of body/mean1.grad-input", "block=tensor"},
		},
		{
			"a sum without its order", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "body", sum: "float:e6m5ieee,rne,sat"}`),
			[]string{"body/dense1.out", "float:e6m5ieee,rne,sat,order=seq"},
		},
		{
			"a product format", func(s *small) *gorgonia.Node { return mean(s.h) },
			withRules(t, float, `{match: "body", product: "fixed:w8f4,sr,sat", sum: float32}`),
			[]string{"body/dense1.out", "fixed:w8f4", "only rne"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newSmall()
			loss := c.build(s)
			program, err := graph.Compile(loss, s.parameters, c.policy)
			require.Error(t, err)
			require.Nil(t, program)
			for _, part := range c.message {
				require.ErrorContains(t, err, part)
			}
		})
	}
	folded := shipped(t, "float32")
	folded.BatchNorm = policy.Fold
	s := newSmall()
	_, err := graph.Compile(mean(s.h), s.parameters, folded)
	require.ErrorContains(t, err, "folds batch norms")
}

// The remedies work: qops.NewSlice takes what gorgonia.Slice gets wrong.
func TestRemedies(t *testing.T) {
	s := newSmall()
	wide := s.matrix("body/wide", 3, 6, 300)
	h := gorgonia.Must(gorgonia.Mul(s.x, wide))
	a, b := must(qops.NewSlice(h, 1, 0, 20)), must(qops.NewSlice(h, 1, 256, 276))
	program, err := graph.Compile(mean(must(qops.NewMul(a, b))), gorgonia.Nodes{wide}, shipped(t, "float32"), graph.WithOutputs(a, b))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	require.NotEqual(t, program.Output(a).F32, program.Output(b).F32)
}
