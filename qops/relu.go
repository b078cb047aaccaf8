package qops

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// ReLU is x where x >= 0 (NaN stays NaN) and +0 elsewhere, as gorgonia.Rectify.
type ReLU struct{ base }

// NewReLU adds max(x, 0).
func NewReLU(x *gorgonia.Node) *gorgonia.Node {
	return apply(&ReLU{newBase("relu", "out", x.Shape(), x)}, x)
}

// Do implements gorgonia.Op.
func (o *ReLU) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ReLU) Run(c *Call) error { return byElement(o, c, relu[float32], relu[float64]) }

func relu[T Float](_ *ReLU, c *Call, lo, hi int) {
	kernel.ReLU(Data[T](c.Out)[lo:hi], Data[T](c.In[0])[lo:hi])
}

// DiffWRT implements gorgonia.SDOp.
func (o *ReLU) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *ReLU) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return gorgonia.Nodes{apply(&ReLUGrad{newBase("relu", "out", o.shape, grad, in[0]).of("error", "input")}, grad, in[0])}, nil
}

// ReLUGrad is the gradient where x >= 0 and +0 elsewhere: at x = 0 the gradient passes, as in gorgonia.Rectify.
type ReLUGrad struct{ base }

// Do implements gorgonia.Op.
func (o *ReLUGrad) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ReLUGrad) Run(c *Call) error { return byElement(o, c, reluGrad[float32], reluGrad[float64]) }

func reluGrad[T Float](_ *ReLUGrad, c *Call, lo, hi int) {
	kernel.ReLUGradient(Data[T](c.Out)[lo:hi], Data[T](c.In[0])[lo:hi], Data[T](c.In[1])[lo:hi])
}
