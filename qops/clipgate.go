package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ClipGate passes a gradient on where the forward pass did not clip, and +0 where it did (policy `clipped: zero`).
// Its operands are the gradient and the quantized tensor, whose node marks what it clipped.
type ClipGate struct {
	moved
	grid  Grid
	codes *Array
}

// NewClipGate adds the gate of grad by the quantize node that made quantized.
func NewClipGate(grad, quantized *gorgonia.Node) (*gorgonia.Node, error) {
	q, ok := quantized.Op().(*Quantize)
	if !ok {
		return nil, errors.Errorf("qops: clip gate on %v, which is no quantize node", quantized)
	}
	q.MarkClipped = true
	return apply(&ClipGate{moved: moved{newBase("clipgate", "out", grad.Shape(), grad, quantized).of("error", "clipped")}}, grad, quantized), nil
}

// Do implements gorgonia.Op.
func (o *ClipGate) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *ClipGate) Run(c *Call) error {
	grid := c.In[1].Grid
	if grid == nil || grid.Clipped == nil {
		return errors.New("qops: clip gate after a tensor whose clipping was not marked")
	}
	c.Out.Grid = o.gated(c.In[0].Grid, grid.Clipped, c.Threads)
	return byType(c,
		func(c *Call) { clipGate(c.Out.F32, c.In[0].F32, grid.Clipped, c.Threads) },
		func(c *Call) { clipGate(c.Out.F64, c.In[0].F64, grid.Clipped, c.Threads) })
}

// gated is the gradient's grid, with the codes that pass the gate.
func (o *ClipGate) gated(of *Grid, clipped []bool, threads int) *Grid {
	if of == nil {
		return nil
	}
	o.grid = Grid{Format: of.Format, Scales: of.Scales}
	if of.Codes != nil {
		if o.codes == nil {
			o.codes = NewArray(tensor.Float64, o.shape)
		}
		clipGate(o.codes.F64, of.Codes.F64, clipped, threads)
		o.grid.Codes = o.codes
	}
	return &o.grid
}

func clipGate[T Float](out, g []T, clipped []bool, threads int) {
	parallel.For(len(out), grain, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if clipped[i] {
				out[i] = 0
			} else {
				out[i] = g[i]
			}
		}
	})
}
