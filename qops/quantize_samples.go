package qops

import (
	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/qops/number"
)

var _ SampleRunner = (*Quantize)(nil)

// BySample implements SampleRunner, for formats that give a sample scales of its own, or need none. Those of formats with
// codes belong to whole tensors.
func (o *Quantize) BySample(c *Call) ([]bool, bool) {
	shape := c.Out.Shape
	if len(shape) < 2 || o.Given != nil || o.Format.IsFloat32() || o.Format.Kind() == "int" || o.Format.ScaleRule() == number.ScaleRun {
		return nil, false
	}
	blocks, err := o.Format.Blocks(shape, o.ChannelAxis)
	if err != nil {
		return nil, false
	}
	if o.Format.ScalesFrom() == number.FromFormat {
		return []bool{true}, true
	}
	// The blocks of a sample are its own and lie one behind the other.
	contiguous := blocks.Layout.Width == 0 && blocks.Count*blocks.Inner == size(shape)
	return []bool{true}, contiguous && blocks.Count%shape[0] == 0 && o.Format.ScalesFrom() == number.FromExtremes
}

// noElements is the shape of a tensor that is quantized for its scales.
var noElements = []int{0}

// BeginSamples implements SampleRunner.
func (o *Quantize) BeginSamples(c *Call) error {
	blocks, err := o.Format.Blocks(c.Out.Shape, o.ChannelAxis)
	if err != nil {
		return errors.Wrapf(err, "quantizing to %s", o.Format)
	}
	s := &o.grid.Scales
	if o.Format.ScalesFrom() == number.FromFormat {
		if _, err := number.Quantize(o.Format, []float64{}, nil, noElements, number.Options{Scales: s}); err != nil {
			return errors.Wrapf(err, "quantizing to %s", o.Format)
		}
	}
	s.Blocks, s.Zero, s.Points = blocks, nil, nil
	if len(s.Step) != blocks.Count {
		s.Step = append(make([]float64, 0, blocks.Count), s.Step[:min(1, len(s.Step))]...)[:blocks.Count]
	}
	for i := range s.Step[1:] { // one step for all where the format gives it; otherwise the samples fill them in
		s.Step[i+1] = s.Step[0]
	}
	if o.MarkClipped && o.grid.Clipped == nil {
		o.grid.Clipped = make([]bool, c.Out.Size())
	}
	o.grid.Format = o.Format
	o.grid.uncoded.Store(false)
	c.Out.Grid = &o.grid
	return nil
}

// RunSamples implements SampleRunner.
func (o *Quantize) RunSamples(c *Call, view *View, lo, hi int) error {
	part := view.of(c, lo, hi)
	samples := c.Out.Shape[0]
	stride := c.Out.Size() / samples
	options := number.Options{
		ChannelAxis: o.ChannelAxis,
		Draw:        number.Draw{Stream: o.Stream, Execution: c.Execution, Domain: c.Domain},
		Part:        number.Part{Start: lo * stride, Shape: view.whole.of(c.Out)},
		Threads:     1,
	}
	if o.MarkClipped {
		options.Clipped = o.grid.Clipped[lo*stride : hi*stride]
	}
	if o.Format.ScalesFrom() == number.FromExtremes {
		perSample := o.grid.Scales.Blocks.Count / samples
		view.scales = number.Scales{Step: o.grid.Scales.Step[lo*perSample : hi*perSample : hi*perSample]} // is filled in
		options.Scales = &view.scales
	}
	stats, err := o.quantize(part, &view.rows, options)
	if err != nil {
		return errors.Wrapf(err, "quantizing to %s", o.Format)
	}
	if c.Out.Coded {
		o.encode(c.Out, lo, hi)
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.stats.Add(stats)
	return nil
}

// EndSamples implements SampleRunner.
func (o *Quantize) EndSamples(*Call) error {
	o.runs.Add(1)
	return nil
}
