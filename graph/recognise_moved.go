package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
)

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
