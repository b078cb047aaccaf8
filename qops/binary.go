package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Binary is an elementwise sum, difference or product of two tensors of one shape.
type Binary struct {
	base
	what binaryKind
}

type binaryKind int

const (
	addition binaryKind = iota
	subtraction
	multiplication
)

func newBinary(what binaryKind, kind string, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	if !a.Shape().Eq(b.Shape()) {
		return nil, errors.Errorf("qops: %s of shapes %v and %v", kind, a.Shape(), b.Shape())
	}
	return apply(&Binary{newBase(kind, "out", a.Shape(), a, b), what}, a, b), nil
}

// NewAdd adds a + b.
func NewAdd(a, b *gorgonia.Node) (*gorgonia.Node, error) { return newBinary(addition, "add", a, b) }

// NewSub adds a - b.
func NewSub(a, b *gorgonia.Node) (*gorgonia.Node, error) { return newBinary(subtraction, "sub", a, b) }

// NewMul adds the elementwise product of a and b.
func NewMul(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	return newBinary(multiplication, "mul", a, b)
}

// Do implements gorgonia.Op.
func (o *Binary) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Binary) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff implements gorgonia.SDOp.
func (o *Binary) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	switch o.what {
	case subtraction:
		return gorgonia.Nodes{grad, NewTimes(grad, -1)}, nil
	case multiplication:
		da, err := NewMul(grad, in[1])
		if err != nil {
			return nil, err
		}
		db, err := NewMul(grad, in[0])
		return gorgonia.Nodes{da, db}, err
	}
	return gorgonia.Nodes{grad, grad}, nil
}

// Run implements Op.
func (o *Binary) Run(c *Call) error {
	return byElement(o, c, binary[float32], binary[float64])
}

func binary[T Float](o *Binary, c *Call, lo, hi int) {
	out, a, b := Data[T](c.Out)[lo:hi], Data[T](c.In[0])[lo:hi], Data[T](c.In[1])[lo:hi]
	switch o.what {
	case addition:
		kernel.Add(out, a, b)
	case subtraction:
		kernel.Subtract(out, a, b)
	case multiplication:
		kernel.Multiply(out, a, b)
	}
}

// Adds reports that the op is a sum.
func (o *Binary) Adds() bool { return o.what == addition }
