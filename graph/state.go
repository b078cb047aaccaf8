package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
)

// markStates gives the role state to c and h of LSTM cells: c is a sum of two products, each with a sigmoid, one of
// them with a tanh, and h the product of a sigmoid with tanh(c).
func markStates(g *gorgonia.ExprGraph, t tensors) {
	for _, h := range g.AllNodes() {
		if kindOf(h) != "mul" {
			continue
		}
		gate, squashed := split(h, "sigmoid", "tanh")
		if gate == nil {
			continue
		}
		c := operands(squashed)[0]
		if kindOf(c) != "add" || len(operands(c)) != 2 {
			continue
		}
		forget, input := operands(c)[0], operands(c)[1]
		if kindOf(forget) == "mul" && kindOf(input) == "mul" && hasKind(forget, "sigmoid") && hasKind(input, "sigmoid") {
			t[c].point.Role, t[h].point.Role = policy.State, policy.State
		}
	}
}

func hasKind(n *gorgonia.Node, kind string) bool {
	for _, o := range operands(n) {
		if kindOf(o) == kind {
			return true
		}
	}
	return false
}

// split returns the two operands of n if one is of kind a and the other of kind b.
func split(n *gorgonia.Node, a, b string) (first, second *gorgonia.Node) {
	in := operands(n)
	if len(in) != 2 {
		return nil, nil
	}
	if kindOf(in[0]) == a && kindOf(in[1]) == b {
		return in[0], in[1]
	}
	if kindOf(in[1]) == a && kindOf(in[0]) == b {
		return in[1], in[0]
	}
	return nil, nil
}
