package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Relayout is a step that a plan places where a tensor is made in one layout and read in the other: it moves the values
// from planes to blocks, or back. It is in no graph.
type Relayout struct{ moved }

// NewRelayout returns the step for a tensor of a shape.
func NewRelayout(shape []int) *Relayout {
	return &Relayout{moved{newBase("relayout", "out", shape)}}
}

// Do implements gorgonia.Op, whose values have no layout.
func (o *Relayout) Do(...gorgonia.Value) (gorgonia.Value, error) {
	return nil, errors.Errorf("qops: %s is a step of a plan, no op of a graph", o)
}

// Run implements Op: exactly one of the operand and the output is in blocks.
func (o *Relayout) Run(c *Call) error {
	c.Out.Grid = c.In[0].Grid
	o.move(c)
	return nil
}

func (*Relayout) move(c *Call) {
	area := size(c.Out.Shape[2:])
	if c.Out.Blocked {
		kernel.ToBlocks(c.Out.F32, c.In[0].F32, area, c.Threads)
	} else {
		kernel.FromBlocks(c.Out.F32, c.In[0].F32, area, c.Threads)
	}
}

var _ SampleRunner = (*Relayout)(nil)

// BySample implements SampleRunner.
func (*Relayout) BySample(*Call) ([]bool, bool) { return []bool{true}, true }

// BeginSamples implements SampleRunner.
func (*Relayout) BeginSamples(c *Call) error {
	c.Out.Grid = c.In[0].Grid
	return nil
}

// RunSamples implements SampleRunner.
func (o *Relayout) RunSamples(c *Call, view *View, lo, hi int) error {
	o.move(view.of(c, lo, hi))
	return nil
}

// EndSamples implements SampleRunner.
func (*Relayout) EndSamples(*Call) error { return nil }
