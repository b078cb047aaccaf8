package graph

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniseMean finds a sum divided by the number of its terms.
func recogniseMean(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if operator(n) != "÷" {
		return nil, nil
	}
	in := operands(n)
	count, ok := constant(in[1])
	if !ok || primitive(in[0]) != "sumOp" {
		return nil, nil
	}
	terms := 1
	of := operands(in[0])[0]
	for _, axis := range opInts(in[0], "along") {
		terms *= of.Shape()[axis]
	}
	if float64(terms) != count {
		return nil, nil
	}
	return r.reduce(in[0], true)
}

// recogniseReduce finds a sum over axes.
func recogniseReduce(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "sumOp" {
		return nil, nil
	}
	return r.reduce(n, false)
}

func (r *recognition) reduce(sum *gorgonia.Node, mean bool) (*gorgonia.Node, error) {
	x, err := r.node(operands(sum)[0])
	if err != nil {
		return nil, err
	}
	axes := slices.Clone(opInts(sum, "along"))
	slices.Sort(axes)
	for i, a := range axes {
		if a != axes[0]+i {
			return nil, errors.Errorf("sums over axes %v that are not neighbours are not supported; sum twice", axes)
		}
	}
	out, err := qops.NewReduce(x, axes[0], axes[len(axes)-1], mean)
	if err != nil || out.Shape().Eq(sum.Shape()) {
		return out, err
	}
	return qops.NewReshape(out, sum.Shape())
}
