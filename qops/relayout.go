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
	area := size(c.Out.Shape[2:])
	if c.Out.Blocked {
		kernel.ToBlocks(c.Out.F32, c.In[0].F32, area, c.Threads)
	} else {
		kernel.FromBlocks(c.Out.F32, c.In[0].F32, area, c.Threads)
	}
	return nil
}

func (*Relayout) independent() {}
