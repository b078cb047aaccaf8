package qops

import (
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// Quantize is the quantize node: it rounds a tensor to a format. Its gradient passes straight through.
type Quantize struct {
	base
	Format number.Format
	// ChannelAxis is the axis of block=channel, or of axis=reduce (see number.Format.Axis).
	ChannelAxis int
	// Stream draws the node's random bits; it is named after the tensor.
	Stream number.Stream
	// Given holds the scales of a format with scale=run: from calibration, or from an optimizer.
	Given *number.Scales
	// MarkClipped asks for Grid.Clipped.
	MarkClipped bool

	grid  Grid
	codes []int32
	rows  rows
	runs  atomic.Uint64
	mutex sync.Mutex // of stats, where samples run at the same time
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
	quantize := o.quantize
	if o.Format.Kind() == "int" {
		quantize = o.quantizeCodes
	}
	stats, err := quantize(c, &o.rows, options)
	if err != nil {
		return errors.Wrapf(err, "quantizing to %s", o.Format)
	}
	o.runs.Add(1)
	o.stats.Add(stats)
	o.grid.Format = o.Format
	c.Out.Grid = &o.grid
	if c.Out.Coded {
		o.grid.uncoded.Store(false)
		parallel.For(c.Out.Shape[0], 1, c.Threads, func(lo, hi int) { o.encode(c.Out, lo, hi) })
	}
	return nil
}

func (o *Quantize) quantize(c *Call, rows *rows, options number.Options) (number.Stats, error) {
	if c.Out.F64 != nil {
		return number.Quantize(o.Format, c.Out.F64, c.In[0].F64, c.Out.Shape, options)
	}
	return number.Quantize(o.Format, c.Out.F32, c.In[0].F32, rows.of(c.Out), options)
}

// quantizeCodes rounds by way of the codes, which the tensor keeps: products sum them instead of the values.
func (o *Quantize) quantizeCodes(c *Call, _ *rows, options number.Options) (number.Stats, error) {
	if o.grid.Codes == nil {
		o.codes = make([]int32, c.Out.Size())
		o.grid.Codes = NewArray(tensor.Float64, c.Out.Shape)
	}
	var stats number.Stats
	var err error
	if c.Out.F64 != nil {
		stats, err = number.Encode(o.Format, o.codes, c.In[0].F64, c.Out.Shape, options)
	} else {
		stats, err = number.Encode(o.Format, o.codes, c.In[0].F32, c.Out.Shape, options)
	}
	if err != nil {
		return stats, err
	}
	once := c.Out.F64 != nil || single(o.grid.Scales.Step)
	if err := byElement(o, c, offsets32(once), (*Quantize).offsets64); err != nil || once {
		return stats, err
	}
	return stats, number.Decode(o.Format, c.Out.F32, o.codes, c.Out.Shape, &o.grid.Scales, o.ChannelAxis)
}

// offsets32 sets the codes less their zero points, and, if rounding once gives them, the values.
func offsets32(once bool) func(o *Quantize, c *Call, lo, hi int) {
	if once {
		return func(o *Quantize, c *Call, lo, hi int) { setOffsets(o, c.Out.F32, lo, hi) }
	}
	return func(o *Quantize, _ *Call, lo, hi int) { setOffsets[float32](o, nil, lo, hi) }
}

func (o *Quantize) offsets64(c *Call, lo, hi int) { setOffsets(o, c.Out.F64, lo, hi) }

// setOffsets sets codes less their zero points, and value = (code - zero) * step, rounded once, where there is room for it.
func setOffsets[T Float](o *Quantize, dst []T, lo, hi int) {
	scales, offsets := &o.grid.Scales, o.grid.Codes.F64
	for lo < hi {
		block, end := scales.Blocks.Of(lo), scales.Blocks.RunEnd(lo, hi)
		zero, step := 0.0, scales.Step[block]
		if scales.Zero != nil {
			zero = float64(scales.Zero[block])
		}
		for i := lo; i < end; i++ {
			offsets[i] = float64(o.codes[i]) - zero
		}
		if dst != nil {
			for i := lo; i < end; i++ {
				dst[i] = T(offsets[i] * step)
			}
		}
		lo = end
	}
}

// single reports that all steps are float32 numbers. Their products with codes are float64 numbers, so that rounding
// these to float32 rounds once.
func single(steps []float64) bool {
	for _, s := range steps {
		if float64(float32(s)) != s {
			return false
		}
	}
	return true
}
