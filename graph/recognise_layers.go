package graph

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// recogniseOwn takes over ops that the model took from package qops.
func recogniseOwn(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	op, ok := n.Op().(qops.Op)
	if !ok {
		return nil, nil
	}
	in, err := r.nodes(operands(n)...)
	if err != nil {
		return nil, err
	}
	return qops.Apply(op, in...), nil
}

// recogniseOwnBatchNorm takes over a batch norm of package qops as the one op that it is.
func recogniseOwnBatchNorm(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if _, ok := n.Op().(*qops.ScaleShift); !ok {
		return nil, nil
	}
	in := operands(n)
	parts := operands(in[0]) // x, mean, invstd
	made, err := r.nodes(parts[0], in[1], in[2])
	if err != nil {
		return nil, err
	}
	running, epsilon := parts[1].Op().(*qops.BatchMean).Running, parts[2].Op().(*qops.InverseDeviation).Epsilon
	return r.batchNorm(made, epsilon, running)
}

// batchNorm adds a batch norm of x, scale and bias.
func (r *recognition) batchNorm(in gorgonia.Nodes, epsilon float64, running *qops.Running) (*gorgonia.Node, error) {
	out, err := qops.NewBatchNorm(in[0], in[1], in[2], epsilon, running)
	if err != nil {
		return nil, err
	}
	r.norms = append(r.norms, &batchNorm{node: out, running: running})
	return out, nil
}

// recogniseConv finds Conv2d: transpose{0,3,1,2}(reshape(im2col(x) reshaped × reshaped weightᵀ)).
func recogniseConv(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "transposeOp" || !slices.Equal(opInts(n, "pattern"), []int{0, 3, 1, 2}) {
		return nil, nil
	}
	sum := reshaped(operands(n)[0])
	if sum == nil || primitive(sum) != "linAlgBinOp" {
		return nil, nil
	}
	factors := operands(sum)
	columns, weight := reshaped(factors[0]), reshaped(factors[1])
	if columns == nil || weight == nil || primitive(columns) != "im2colOp" || weight.Dims() != 4 {
		return nil, nil
	}
	in, err := r.nodes(operands(columns)[0], weight)
	if err != nil {
		return nil, err
	}
	return qops.NewConv(in[0], in[1], qops.ConvShape{
		Kernel:   [2]int{opInt(columns, "h"), opInt(columns, "w")},
		Pad:      [2]int{opInt(columns, "padH"), opInt(columns, "padW")},
		Stride:   [2]int{opInt(columns, "strideH"), opInt(columns, "strideW")},
		Dilation: [2]int{opInt(columns, "dilationH"), opInt(columns, "dilationW")},
	})
}

// recogniseBatchNorm finds scale ⊙ BatchNormOp(x) + bias, with scale and bias broadcast from one value per channel, or of x's
// own shape where x has no more than that.
func recogniseBatchNorm(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	scaled, bias := perChannelOf(n, "+", func(o *gorgonia.Node) bool { return operator(o) == "⊙" })
	if scaled == nil {
		return nil, nil
	}
	norm, scale := perChannelOf(scaled, "⊙", func(o *gorgonia.Node) bool { return primitive(o) == "BatchNormOp" })
	if norm == nil {
		return nil, nil
	}
	in, err := r.nodes(operands(norm)[0], scale, bias)
	if err != nil {
		return nil, err
	}
	running := qops.NewRunning(n.Shape()[1], opField(norm, "momentum").Float())
	return r.batchNorm(in, opField(norm, "epsilon").Float(), running)
}

// perChannelOf splits the operands of an elementwise op into one that is of a kind and one that has a value per channel; both
// nil if they are not so.
func perChannelOf(n *gorgonia.Node, sign string, is func(*gorgonia.Node) bool) (whole, channel *gorgonia.Node) {
	in := operands(n)
	if operator(n) != sign || len(in) != 2 || n.Dims() < 2 {
		return nil, nil
	}
	for i := range in {
		if !is(in[1-i]) {
			continue
		}
		if c := perChannel(in[i], n.Shape()); c != nil {
			return in[1-i], c
		}
		if n.Shape().TotalSize() == n.Shape()[1] {
			return in[1-i], in[i]
		}
	}
	return nil, nil
}

// unbroadcast splits the two operands of an elementwise op into a whole one and one that was repeated from a single
// value per index of axis 1; both nil if they are not so.
func unbroadcast(in gorgonia.Nodes, shape []int) (whole, channel *gorgonia.Node) {
	if len(in) != 2 || len(shape) < 2 {
		return nil, nil
	}
	for i := range in {
		if c := perChannel(in[i], shape); c != nil {
			return in[1-i], c
		}
	}
	return nil, nil
}

// perChannel returns what n was broadcast from, if that has one value per index of axis 1 of shape.
func perChannel(n *gorgonia.Node, shape []int) *gorgonia.Node {
	repeated := false
	for primitive(n) == "repeatOp" {
		n = operands(n)[0]
		repeated = true
	}
	if !repeated {
		return nil
	}
	s := n.Shape()
	if len(s) != len(shape) || s.TotalSize() != shape[1] || s[1] != shape[1] {
		return nil
	}
	if from := reshaped(n); from != nil {
		return from
	}
	return n
}

// recogniseReLU finds x ⊙ (x >= 0).
func recogniseReLU(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if operator(n) != "⊙" {
		return nil, nil
	}
	in := operands(n)
	if operator(in[1]) != ">=" {
		return nil, nil
	}
	sides := operands(in[1])
	if zero, ok := constant(sides[1]); !ok || zero != 0 || sides[0] != in[0] {
		return nil, nil
	}
	x, err := r.node(in[0])
	if err != nil {
		return nil, err
	}
	return qops.NewReLU(x), nil
}

// recogniseBiasAdd finds x + b with b broadcast from one value per index of axis 1.
func recogniseBiasAdd(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if operator(n) != "+" {
		return nil, nil
	}
	x, b := unbroadcast(operands(n), n.Shape())
	if x == nil {
		return nil, nil
	}
	in, err := r.nodes(x, b)
	if err != nil {
		return nil, err
	}
	return qops.NewBiasAdd(in[0], in[1])
}

// recogniseDense finds a product of two matrices.
func recogniseDense(r *recognition, n *gorgonia.Node) (*gorgonia.Node, error) {
	if primitive(n) != "linAlgBinOp" {
		return nil, nil
	}
	in := operands(n)
	if in[0].Dims() != 2 || in[1].Dims() != 2 {
		return nil, errors.Errorf("products of shapes %v and %v are not supported; reshape to two matrices", in[0].Shape(), in[1].Shape())
	}
	made, err := r.nodes(in...)
	if err != nil {
		return nil, err
	}
	return qops.NewDense(made[0], made[1], opField(n, "transA").Bool(), opField(n, "transB").Bool())
}
