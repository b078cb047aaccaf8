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
	ScaleGiven ScaleRule = iota // the format itself: fixed, int with scale=NUMBER
	ScaleMax                    // the extremes of the block: bfp, int with scale=max
	ScaleRun                    // from outside, through Options.Scales: int with scale=run
)

// String returns the name of the rule: given, max or run.
func (r ScaleRule) String() string { return [...]string{"given", "max", "run"}[r] }

// Scales are the values that a block, a calibration or an optimizer gave a format: value = (code - zero) * step.
type Scales struct {
	Blocks Blocks
	Step   []float64 // one per block
	Zero   []int32   // one per block, or nil when all are 0
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
	s.Blocks, s.Step, s.Zero = blocks, resize(s.Step, blocks.Count), nil
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
		return errors.Errorf("number: %v: scales for %d blocks of %d elements (%d steps, %d zero points), the tensor has %d blocks of %d",
			f, s.Blocks.Count, s.Blocks.Inner, len(s.Step), len(s.Zero), blocks.Count, blocks.Inner)
	}
	lo, hi := f.CodeRange()
	for b, step := range s.Step {
		if !(step > 0 && step <= math.MaxFloat32) {
			return errors.Errorf("number: %v: step %v of block %d is not a positive number of float32's range", f, step, b)
		}
		zero := s.zero(b)
		if int64(zero) < lo || int64(zero) > hi || zero != 0 && !f.zeroAuto {
			return errors.Errorf("number: %v: zero point %d of block %d is not a zero point of the format", f, zero, b)
		}
	}
	return nil
}

// floorLog2 returns the exponent of a positive finite x, from its bits.
func floorLog2(x float64) int {
	b := math.Float64bits(x)
	if e := int(b >> 52 & 0x7ff); e != 0 {
		return e - 1023
	}
	return -1074 + bits.Len64(b&(1<<52-1)) - 1
}
