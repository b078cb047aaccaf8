package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// ClipGate passes a gradient on where the forward pass did not clip, and +0 where it did (policy `clipped: zero`).
// Its operands are the gradient and the quantized tensor, whose node marks what it clipped.
type ClipGate struct{ moved }

// NewClipGate adds the gate of grad by the quantize node that made quantized.
func NewClipGate(grad, quantized *gorgonia.Node) (*gorgonia.Node, error) {
	q, ok := quantized.Op().(*Quantize)
	if !ok {
		return nil, errors.Errorf("qops: clip gate on %v, which is no quantize node", quantized)
	}
	q.MarkClipped = true
	return apply(&ClipGate{moved{newBase("clipgate", "out", grad.Shape(), grad, quantized)}}, grad, quantized), nil
}

// Do implements gorgonia.Op.
func (o *ClipGate) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ClipGate) Run(c *Call) error {
	grid := c.In[1].Grid
	if grid == nil || grid.Clipped == nil {
		return errors.New("qops: clip gate after a tensor whose clipping was not marked")
	}
	c.Out.Grid = c.In[0].Grid
	return byType(c,
		func(c *Call) { clipGate[float32](c, grid.Clipped) },
		func(c *Call) { clipGate[float64](c, grid.Clipped) })
}

func clipGate[T Float](c *Call, clipped []bool) {
	g, out := Data[T](c.In[0]), Data[T](c.Out)
	forElements(c, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if clipped[i] {
				out[i] = 0
			} else {
				out[i] = g[i]
			}
		}
	})
}
