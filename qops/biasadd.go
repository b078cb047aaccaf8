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
func (o *BiasAdd) Run(c *Call) error {
	if channels := c.In[0].Shape[1]; len(c.In[0].Shape) == 2 {
		return inRanges(o, c, c.In[0].Shape[0], max(1, grain/channels), biasRows[float32], biasRows[float64])
	}
	if c.Out.Blocked {
		return byBlock(o, c, biasBlocks)
	}
	return byPlane(o, c, biasPlanes[float32], biasPlanes[float64])
}

func biasRows[T Float](_ *BiasAdd, c *Call, from, to int) {
	out, x, b := Data[T](c.Out), Data[T](c.In[0]), Data[T](c.In[1])
	for row := from; row < to; row++ {
		kernel.Add(out[row*len(b):(row+1)*len(b)], x[row*len(b):(row+1)*len(b)], b)
	}
}

func biasPlanes[T Float](_ *BiasAdd, c *Call, from, to int) {
	out, x, b := Data[T](c.Out), Data[T](c.In[0]), Data[T](c.In[1])
	channels, inner := planesOf(c)
	for p := from; p < to; p++ {
		kernel.AddScalar(out[p*inner:(p+1)*inner], x[p*inner:(p+1)*inner], b[p%channels])
	}
}
