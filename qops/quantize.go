package qops

import (
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
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
	stats, err := quantize(c, options)
	if err != nil {
		return errors.Wrapf(err, "quantizing to %s", o.Format)
	}
	o.runs.Add(1)
	o.stats.Add(stats)
	o.grid.Format = o.Format
	c.Out.Grid = &o.grid
	return nil
}

func (o *Quantize) quantize(c *Call, options number.Options) (number.Stats, error) {
	if c.Out.F64 != nil {
		return number.Quantize(o.Format, c.Out.F64, c.In[0].F64, c.Out.Shape, options)
	}
	return number.Quantize(o.Format, c.Out.F32, c.In[0].F32, c.Out.Shape, options)
}

// quantizeCodes rounds by way of the codes, which the tensor keeps: products sum them instead of the values.
func (o *Quantize) quantizeCodes(c *Call, options number.Options) (number.Stats, error) {
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
	setOffsets(&o.grid, o.codes, c.Threads)
	if c.Out.F64 == nil && !single(o.grid.Scales.Step) {
		return stats, number.Decode(o.Format, c.Out.F32, o.codes, c.Out.Shape, &o.grid.Scales, o.ChannelAxis)
	}
	return stats, byType(c, func(c *Call) { decode(c.Out.F32, &o.grid, c.Threads) }, func(c *Call) { decode(c.Out.F64, &o.grid, c.Threads) })
}

// setOffsets fills a grid's codes less their zero points.
func setOffsets(grid *Grid, codes []int32, threads int) {
	offsets := grid.Codes.F64
	kernel.Parallel(len(offsets), grain, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			offsets[i] = float64(codes[i])
			if grid.Scales.Zero != nil {
				offsets[i] -= float64(grid.Scales.Zero[grid.Scales.Blocks.Of(i)])
			}
		}
	})
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

// decode sets a tensor to value = (code - zero) * step, rounded once.
func decode[T Float](dst []T, grid *Grid, threads int) {
	offsets := grid.Codes.F64
	kernel.Parallel(len(dst), grain, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i] = T(offsets[i] * grid.Scales.Step[grid.Scales.Blocks.Of(i)])
		}
	})
}
