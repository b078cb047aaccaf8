package qops

import (
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// reduction is a sum over all axes but 1: of each plane (one index of axes 0 and 1), and of the planes of a channel in
// ascending order of axis 0, in float64.
type reduction struct {
	plane func(lo, hi int) float64 // the sum over the elements lo to hi of the first operand; nil where none is needed
	store func(channel int, sum float64, count int)
	// block gives what plane does for the channels of a block, the first of which is given.
	block func(sums *kernel.BlockSums, lo, hi, channel int)
}

// channelReducer is an op that is a reduction.
type channelReducer interface {
	reduction(c *Call) reduction
}

// reducer holds the sums of the planes of a run.
type reducer struct {
	planes   []float64
	channels []float64
	of       reduction // of a run by samples
}

// run takes the sums of all planes, and of the channels.
func (r *reducer) run(c *Call, of reduction) error {
	r.begin(c)
	samples, channels := c.In[0].Shape[0], c.In[0].Shape[1]
	inner := size(c.In[0].Shape[2:])
	unit := 1 // planes
	if c.In[0].Blocked {
		unit = channelsOfBlock
	}
	parallel.For(samples*channels/unit, max(1, 8192/max(1, inner*unit)), c.Threads, func(lo, hi int) { r.sum(c, of, lo*unit, hi*unit) })
	r.end(c, of)
	return nil
}

func (r *reducer) begin(c *Call) {
	samples, channels := c.In[0].Shape[0], c.In[0].Shape[1]
	if n := samples * channels; len(r.planes) != n {
		r.planes, r.channels = make([]float64, n), make([]float64, channels)
	}
}

// sum takes the sums of the planes lo to hi, whole blocks of them if they lie in blocks.
func (r *reducer) sum(c *Call, of reduction, lo, hi int) {
	if of.plane == nil {
		return
	}
	inner := size(c.In[0].Shape[2:])
	if c.In[0].Blocked {
		for p := lo; p < hi; p += channelsOfBlock {
			of.block((*kernel.BlockSums)(r.planes[p:]), p*inner, (p+channelsOfBlock)*inner, p%c.In[0].Shape[1])
		}
		return
	}
	for p := lo; p < hi; p++ {
		r.planes[p] = of.plane(p*inner, (p+1)*inner)
	}
}

// end takes the sums of the channels.
func (r *reducer) end(c *Call, of reduction) {
	shape := c.In[0].Shape
	samples, channels, inner := shape[0], shape[1], size(shape[2:])
	clear(r.channels)
	for n := range samples {
		kernel.Add(r.channels, r.channels, r.planes[n*channels:(n+1)*channels])
	}
	for ch, sum := range r.channels {
		of.store(ch, sum, samples*inner)
	}
}

// bySample tells for the operands of a reduction which of them have the shape of the first.
func (r *reducer) bySample(c *Call) ([]bool, bool) {
	operands := make([]bool, len(c.In))
	for i, in := range c.In {
		operands[i] = len(in.Shape) == len(c.In[0].Shape)
	}
	return operands, len(c.In[0].Shape) >= 2
}

// reducing runs reductions by samples.
type reducing struct {
	op interface {
		channelReducer
		samples() *reducer
	}
}

func (r *reducer) samples() *reducer { return r }

func (r reducing) BySample(c *Call) ([]bool, bool) { return r.op.samples().bySample(c) }

func (r reducing) BeginSamples(c *Call) error {
	s := r.op.samples()
	s.begin(c)
	s.of = r.op.reduction(c)
	return nil
}

func (r reducing) RunSamples(c *Call, _ *View, lo, hi int) error {
	channels := c.In[0].Shape[1]
	s := r.op.samples()
	s.sum(c, s.of, lo*channels, hi*channels)
	return nil
}

func (r reducing) EndSamples(c *Call) error {
	s := r.op.samples()
	s.end(c, s.of)
	s.of = reduction{}
	return nil
}
