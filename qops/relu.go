package qops

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// grain is the least number of elements that is worth a thread of its own.
const grain = 16384

// forElements spreads the elements of the output over the call's threads.
func forElements(c *Call, body func(lo, hi int)) {
	kernel.Parallel(c.Out.Size(), grain, c.Threads, body)
}

// ReLU is x where x >= 0 (NaN stays NaN) and +0 elsewhere, as gorgonia.Rectify.
type ReLU struct{ base }

// NewReLU adds max(x, 0).
func NewReLU(x *gorgonia.Node) *gorgonia.Node {
	return apply(&ReLU{newBase("relu", "out", x.Shape(), x)}, x)
}

// Do implements gorgonia.Op.
func (o *ReLU) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ReLU) Run(c *Call) error { return byType(c, relu[float32], relu[float64]) }

func relu[T Float](c *Call) {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	forElements(c, func(lo, hi int) {
		kernel.ReLU(out[lo:hi], x[lo:hi])
	})
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
func (o *ReLUGrad) Run(c *Call) error { return byType(c, reluGrad[float32], reluGrad[float64]) }

func reluGrad[T Float](c *Call) {
	d, x, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	forElements(c, func(lo, hi int) {
		kernel.ReLUGradient(out[lo:hi], d[lo:hi], x[lo:hi])
	})
}
