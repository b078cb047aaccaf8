package qops

import (
	"sync/atomic"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops/number"
)

// Quantize is the quantize node: it rounds a tensor to a format. Its gradient passes straight through.
type Quantize struct {
	base
	Format number.Format
	// ChannelAxis is the axis of block=channel.
	ChannelAxis int
	// Stream draws the node's random bits; it is named after the tensor.
	Stream number.Stream
	// Given holds the scales of a format with scale=run: from calibration, or from an optimizer.
	Given *number.Scales
	// MarkClipped asks for Grid.Clipped.
	MarkClipped bool

	grid  Grid
	runs  atomic.Uint64
	stats number.Stats
}

// NewQuantize adds a quantize node after x.
func NewQuantize(x *gorgonia.Node, f number.Format, channelAxis int, stream number.Stream) (*gorgonia.Node, *Quantize) {
	op := &Quantize{base: newBase("quantize", "out", x.Shape(), x), Format: f, ChannelAxis: channelAxis, Stream: stream}
	return apply(op, x), op
}

// String implements gorgonia.Op.
func (o *Quantize) String() string { return o.Format.String() }

// Do implements gorgonia.Op.
func (o *Quantize) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Quantize) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp: straight through.
func (o *Quantize) SymDiff(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return gorgonia.Nodes{grad}, nil
}

// Counts returns how often the node ran and what overflow, underflow and non-finite values it met in all.
func (o *Quantize) Counts() (runs uint64, stats number.Stats) { return o.runs.Load(), o.stats }

// Run implements Op; the output may share its memory with the input.
func (o *Quantize) Run(c *Call) error {
	if o.Format.IsFloat32() {
		if c.Out.F64 != nil {
			copy(c.Out.F64, c.In[0].F64)
		} else {
			copy(c.Out.F32, c.In[0].F32)
		}
		c.Out.Grid = nil
		return nil
	}
	options := number.Options{
		ChannelAxis: o.ChannelAxis,
		Scales:      &o.grid.Scales,
		Draw:        number.Draw{Stream: o.Stream, Execution: c.Execution, Domain: c.Domain},
		Threads:     c.Threads,
	}
	if o.Given != nil {
		o.grid.Scales = *o.Given
	}
	if o.MarkClipped {
		if o.grid.Clipped == nil {
			o.grid.Clipped = make([]bool, c.Out.Size())
		}
		options.Clipped = o.grid.Clipped
	}
	stats, err := o.quantize(c, options)
	if err != nil {
		return errors.Wrapf(err, "quantizing to %s", o.Format)
	}
	o.runs.Add(1)
	o.stats.Add(stats)
	o.grid.Format = o.Format
	c.Out.Grid = &o.grid
	if o.Format.Kind() == "int" {
		o.codes(c)
	}
	return nil
}

func (o *Quantize) quantize(c *Call, options number.Options) (number.Stats, error) {
	if c.Out.F64 != nil {
		return number.Quantize(o.Format, c.Out.F64, c.In[0].F64, c.Out.Shape, options)
	}
	return number.Quantize(o.Format, c.Out.F32, c.In[0].F32, c.Out.Shape, options)
}

// codes recovers the integers of an `int` format, less their zero points, from the values: the quotient of a value
// and its scale lies within rounding of the code.
func (o *Quantize) codes(c *Call) {
	if o.grid.Codes == nil {
		o.grid.Codes = &Array{Shape: c.Out.Shape, F64: make([]float64, c.Out.Size())}
	}
	blocks, step := o.grid.Scales.Blocks, o.grid.Scales.Step
	codes := o.grid.Codes.F64
	for i := range codes {
		s := step[(i/max(1, blocks.Inner))%max(1, blocks.Count)]
		var v float64
		if c.Out.F64 != nil {
			v = c.Out.F64[i]
		} else {
			v = float64(c.Out.F32[i])
		}
		codes[i] = roundHalfAway(v / s)
	}
}

func roundHalfAway(x float64) float64 {
	if x < 0 {
		return float64(int64(x - 0.5))
	}
	return float64(int64(x + 0.5))
}
