package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// BiasAdd adds a bias along axis 1: y[n,c,...] = x[n,c,...] + b[c]. The bias may have any shape of C elements.
type BiasAdd struct{ base }

// NewBiasAdd adds y = x + b, with b of as many elements as x has along axis 1.
func NewBiasAdd(x, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := channelShaped("bias", x, b); err != nil {
		return nil, err
	}
	return apply(&BiasAdd{newBase("add", "out", x.Shape(), x, b).of("input", "bias")}, x, b), nil
}

func channelShaped(what string, x, b *gorgonia.Node) error {
	if x.Dims() < 2 || size(b.Shape()) != x.Shape()[1] {
		return errors.Errorf("qops: %s of shape %v for a tensor of shape %v: wanted one value per index of axis 1", what, b.Shape(), x.Shape())
	}
	return nil
}

// Do implements gorgonia.Op.
func (o *BiasAdd) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *BiasAdd) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff implements gorgonia.SDOp: dx is the gradient itself, db its sum over all axes but 1.
func (o *BiasAdd) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return gorgonia.Nodes{grad, NewChannelSum(grad, in[1].Shape())}, nil
}

// Run implements Op.
func (o *BiasAdd) Run(c *Call) error { return byType(c, biasAdd[float32], biasAdd[float64]) }

func biasAdd[T Float](c *Call) {
	out, x, b := Data[T](c.Out), Data[T](c.In[0]), Data[T](c.In[1])
	if channels := c.In[0].Shape[1]; len(c.In[0].Shape) == 2 {
		kernel.Parallel(c.In[0].Shape[0], max(1, grain/channels), c.Threads, func(from, to int) {
			for row := from; row < to; row++ {
				kernel.Add(out[row*channels:(row+1)*channels], x[row*channels:(row+1)*channels], b)
			}
		})
		return
	}
	forPlanes(c, func(ch, lo, hi int) { kernel.AddScalar(out[lo:hi], x[lo:hi], b[ch]) })
}

// forPlanes calls body(channel, lo, hi) for every run of elements of one index of axes 0 and 1 of the first operand,
// spread over the call's threads. For matrices the runs are single elements, so rows are handed out whole.
func forPlanes(c *Call, body func(ch, lo, hi int)) {
	shape := c.In[0].Shape
	channels, inner := shape[1], size(shape[2:])
	planes := shape[0] * channels
	kernel.Parallel(planes, max(1, 4096/inner), c.Threads, func(from, to int) {
		for p := from; p < to; p++ {
			body(p%channels, p*inner, (p+1)*inner)
		}
	})
}
