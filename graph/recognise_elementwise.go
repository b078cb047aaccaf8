package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniseConstantFactor finds a product or quotient with a constant, and a change of sign.
func recogniseConstantFactor(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	var x *gorgonia.Node
	var factor float64
	switch operator(n) {
	case "neg":
		x, factor = operands(n)[0], -1
	case "⊙", "÷":
		in := operands(n)
		if c, ok := constant(in[1]); ok {
			x, factor = in[0], c
			if operator(n) == "÷" {
				factor = 1 / c
			}
		} else if c, ok := constant(in[0]); ok && operator(n) == "⊙" {
			x, factor = in[1], c
		}
	}
	if x == nil {
		return nil, nil
	}
	made, err := r.node(x)
	if err != nil {
		return nil, err
	}
	return qops.NewTimes(made, factor), nil
}

// recogniseBinary finds sums, differences and elementwise products of two tensors of one shape.
func recogniseBinary(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	build, ok := map[string]func(a, b *gorgonia.Node) (*gorgonia.Node, error){
		"+": qops.NewAdd, "-": qops.NewSub, "⊙": qops.NewMul,
	}[operator(n)]
	if !ok {
		return nil, nil
	}
	in, err := r.nodes(operands(n)...)
	if err != nil {
		return nil, err
	}
	return build(in[0], in[1])
}

// recogniseUnary finds elementwise functions.
func recogniseUnary(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	build, ok := map[string]func(x *gorgonia.Node) *gorgonia.Node{
		"sigmoid": qops.NewSigmoid, "tanh": qops.NewTanh, "exp": qops.NewExp, "ln": qops.NewLog, "square": qops.NewSquare,
	}[operator(n)]
	if !ok {
		return nil, nil
	}
	x, err := r.node(operands(n)[0])
	if err != nil {
		return nil, err
	}
	return build(x), nil
}
