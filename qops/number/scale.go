package number

import (
	"math"
	"math/bits"

	"github.com/pkg/errors"
)

// ScaleRule tells where the step of a block comes from.
type ScaleRule uint8

// The scale rules.
const (
	ScaleGiven        ScaleRule = iota // the format itself: fixed, int with scale=NUMBER
	ScaleMax                           // the extremes of the block: bfp, int with scale=max
	ScaleRun                           // from outside, through Options.Scales: int with scale=run
	ScaleFloor                         // mx: the power of two below the largest magnitude
	ScaleCeil                          // mx: the least power of two under which nothing saturates
	ScaleNearest                       // mx: as floor, after the largest magnitude is rounded to the element's mantissa
	ScalePercentile                    // int with scale=pctP: the P-th percentile of the magnitudes of the block
	ScaleLeastSquares                  // int with scale=mse: the scale with the least squared error of the block
)

var scaleWords = [...]word{
	ScaleGiven:        {"given", "the format itself"},
	ScaleMax:          {"max", "the largest magnitude of the block becomes the largest code"},
	ScaleRun:          {"run", "set from outside: by a calibration or an optimizer"},
	ScaleFloor:        {"floor", "mx: the power of two below the largest magnitude"},
	ScaleCeil:         {"ceil", "mx: the least power of two under which nothing saturates"},
	ScaleNearest:      {"rne", "mx: as floor, after the largest magnitude is rounded to the element's mantissa"},
	ScalePercentile:   {"pct99.9", "int: a percentile of the block's magnitudes becomes the largest code"},
	ScaleLeastSquares: {"mse", "int: the scale with the least squared error over the block"},
}

// String returns the name of the rule: given, max or run.
func (r ScaleRule) String() string { return scaleWords[r].name }

// Scales are the values that a block, a calibration or an optimizer gave a format: value = (code - zero) * step.
type Scales struct {
	Blocks Blocks
	Step   []float64 // one per block; NaN where the block is NaN as a whole (mx, nv)
	Zero   []int32   // one per block, or nil when all are 0
	Points []float64 // further numbers of kinds that have some, as many for each block; see the kind
}

// values returns what a block gives its line.
func (s *Scales) values(f Format, block int) blockValues {
	v := blockValues{step: s.Step[block], zero: s.zero(block)}
	if n := f.spec().(liner).points(f); n > 0 {
		v.points = s.Points[block*n:][:n]
	}
	return v
}

// zero returns the zero point of a block.
func (s *Scales) zero(block int) int32 {
	if s.Zero == nil {
		return 0
	}
	return s.Zero[block]
}

// fill gives every block the same step and no zero point.
func (s *Scales) fill(blocks Blocks, step float64) {
	s.Blocks, s.Step, s.Zero, s.Points = blocks, resize(s.Step, blocks.Count), nil, nil
	for b := range s.Step {
		s.Step[b] = step
	}
}

// check returns an error unless the scales suit the format and the blocks.
func (s *Scales) check(f Format, blocks Blocks) error {
	if s == nil {
		return errors.Errorf("number: %v takes its scales from outside, and none were given", f)
	}
	if s.Blocks != blocks || len(s.Step) != blocks.Count || s.Zero != nil && len(s.Zero) != blocks.Count {
		return errors.Errorf("number: %v: scales for %v (%d steps, %d zero points), the tensor has %v", f, s.Blocks, len(s.Step), len(s.Zero), blocks)
	}
	points := 0
	if l, ok := f.spec().(liner); ok {
		points = l.points(f)
	}
	if len(s.Points) != points*blocks.Count {
		return errors.Errorf("number: %v: %d points in the scales, %d blocks have %d each", f, len(s.Points), blocks.Count, points)
	}
	lo, hi := f.CodeRange()
	checker, checked := f.spec().(pointsChecker)
	for b, step := range s.Step {
		if checked && !checker.allowsPoints(s.Points[b*points:][:points]) {
			return errors.Errorf("number: %v: block %d has points that no block can have (ascending finite levels, a threshold)", f, b)
		}
		if !(step > 0 && step <= math.MaxFloat32) && !f.allowsStep(step) {
			return errors.Errorf("number: %v: step %v of block %d is not a positive number of float32's range", f, step, b)
		}
		zero := s.zero(b)
		if int64(zero) < lo || int64(zero) > hi || zero != 0 && !f.zeroAuto {
			return errors.Errorf("number: %v: zero point %d of block %d is not a zero point of the format", f, zero, b)
		}
	}
	return nil
}

// allowsStep reports whether blocks of the format may have a step that is no positive number: NaN for a block that is
// NaN, or 0 for one of zeros.
func (f Format) allowsStep(step float64) bool {
	s, ok := f.spec().(stepper)
	return ok && s.allowsStep(f, step)
}

// floorLog2 returns the exponent of a positive finite x, from its bits.
func floorLog2(x float64) int {
	b := math.Float64bits(x)
	if e := int(b >> 52 & 0x7ff); e != 0 {
		return e - 1023
	}
	return -1074 + bits.Len64(b&(1<<52-1)) - 1
}
