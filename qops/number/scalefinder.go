package number

import (
	"math"

	"github.com/pkg/errors"
)

// ScaleSource tells what the scales of a format's blocks depend on.
type ScaleSource uint8

// The sources.
const (
	FromFormat   ScaleSource = iota // nothing but the format, or what is given from outside
	FromExtremes                    // the smallest and the largest element of a block, and whether it holds a NaN
	FromElements                    // all elements of a block
)

// ScalesFrom tells what the scales of the format's blocks depend on.
func (f Format) ScalesFrom() ScaleSource {
	if fit, ok := f.spec().(fitter); ok && fit.fits(f) {
		return FromElements
	}
	if scaler, ok := f.spec().(blockScaler); ok && f.scaleRule != ScaleRun && scaler.reads(f) != nothing {
		return FromExtremes
	}
	return FromFormat
}

// ScaleFinder finds the scales of a tensor that comes in pieces, for formats whose scales come from the extremes of
// blocks. FindScales takes the pieces.
type ScaleFinder struct {
	format Format
	blocks Blocks
	bounds []bounds
}

// bounds are the extremes of a block, 0 if they are beyond it, and whether there was a NaN.
type bounds struct {
	low, high float64
	nan       bool
}

// NewScaleFinder returns the finder for a tensor of the shape and the axis that Options.ChannelAxis would name.
func NewScaleFinder(f Format, shape []int, axis int) (*ScaleFinder, error) {
	if f.ScalesFrom() != FromExtremes {
		return nil, errors.Errorf("number: the scales of %v do not come from the extremes of blocks", f)
	}
	blocks, err := f.Blocks(shape, axis)
	if err != nil {
		return nil, err
	}
	if blocks.Layout.Width > 0 {
		return nil, errors.Errorf("number: tiles of %v are not found piece by piece", f)
	}
	return &ScaleFinder{format: f, blocks: blocks, bounds: make([]bounds, blocks.Count)}, nil
}

// FindScales takes a piece of the tensor into account. Pieces may come in any order, but each starts where the first
// block does: at a multiple of Count*Inner elements; a tensor that is one block may be cut anywhere.
func FindScales[T Float](s *ScaleFinder, src []T, threads int) {
	o := Options{Threads: threads}
	lows, highs := extremesOf(s.format, src, s.blocks, s.format.spec().(blockScaler).reads(s.format), o.threads())
	for b := range s.bounds {
		s.bounds[b].low, s.bounds[b].high = min(s.bounds[b].low, lows[b]), max(s.bounds[b].high, highs[b])
	}
	if p, ok := s.format.spec().(poisoner); !ok || !p.poisoned(s.format) {
		return
	}
	for e, x := range src {
		if x-x != 0 && s.format.poisons(float64(x)) {
			s.bounds[s.blocks.Of(e)].nan = true
		}
	}
}

// Scales returns the scales of the pieces so far, as Quantize would find them in the whole tensor.
func (s *ScaleFinder) Scales() *Scales {
	scales := &Scales{}
	scales.fill(s.blocks, 0)
	if s.format.zeroAuto {
		scales.Zero = make([]int32, s.blocks.Count)
	}
	for b, found := range s.bounds {
		step, zero := s.format.spec().(blockScaler).scale(s.format, found.low, found.high)
		if found.nan {
			step = math.NaN()
		}
		scales.Step[b] = step
		if s.format.zeroAuto {
			scales.Zero[b] = zero
		}
	}
	return scales
}
