package graph

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

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

// safeBound is the bound from which on Gorgonia merges slices that differ: it hashes bounds modulo 256.
const safeBound = 256

// recogniseMoved finds ops that only move values.
func recogniseMoved(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	kind := primitive(n)
	switch kind {
	case "reshapeOp", "transposeOp", "sliceOp", "concatOp":
	default:
		return nil, nil
	}
	in, err := r.nodes(operands(n)...)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "reshapeOp":
		return qops.NewReshape(in[0], n.Shape())
	case "transposeOp":
		return qops.NewTranspose(in[0], opInts(n, "pattern"))
	case "concatOp":
		return qops.NewConcat(opInt(n, "axis"), in...)
	}
	return slice(n, in[0])
}

func slice(n, x *gorgonia.Node) (*gorgonia.Node, error) {
	axis := opInt(n, "along")
	bounds, ok := opField(n, "Slice").Interface().(tensor.Slice)
	if !ok || bounds == nil { // the whole axis
		return qops.NewSlice(x, axis, 0, x.Shape()[axis])
	}
	if bounds.Step() != 1 {
		return nil, errors.New("slices with a step are not supported; reshape so that the step is an axis of its own and slice that with qops.NewSlice")
	}
	start, end := bounds.Start(), bounds.End()
	if start >= safeBound || end > safeBound-1 {
		return nil, errors.Errorf("a slice with the bounds [%d:%d]: Gorgonia merges slices whose bounds agree modulo 256, so the model's graph may be wrong already; use qops.NewSlice", start, end)
	}
	out, err := qops.NewSlice(x, axis, start, end)
	if err != nil || out.Shape().Eq(n.Shape()) {
		return out, err
	}
	return qops.NewReshape(out, n.Shape())
}
