package number

import (
	"math"

	"github.com/pkg/errors"
)

// Float is the type of a tensor's elements.
type Float interface{ float32 | float64 }

// Options are the values that a quantization takes beside the format.
type Options struct {
	// ChannelAxis is the axis of block=channel.
	ChannelAxis int
	// Scales holds the scales to use under scale=run. Under other rules it receives, when not nil, the scales used;
	// its slices are reused.
	Scales *Scales
	// Draw gives the random bits of stochastic rounding.
	Draw Draw
	// Threads is the number of threads, 0 for one per processor. The result does not depend on it.
	Threads int
	// Clipped is, when not nil, set for each element to whether overflow acted. It is as long as the tensor.
	Clipped []bool
}

// Quantize rounds the tensor src, row-major of the given shape, to the values of the format. dst may be src.
//
// It is an error when the format is a rule for sums, or wider than 24 bits on a float32 tensor, when lengths and shape
// do not agree, or when scale=run has no scales.
func Quantize[T Float](f Format, dst, src []T, shape []int, o Options) (Stats, error) {
	if err := f.checkType(dst); err != nil {
		return Stats{}, err
	}
	if len(dst) != len(src) {
		return Stats{}, errors.Errorf("number: %d elements in, room for %d out", len(src), len(dst))
	}
	if f.width == 0 {
		if err := f.checkTensor(len(src), shape, o); err != nil {
			return Stats{}, err
		}
		clear(o.Clipped)
		copy(dst, src)
		return countSpecial(src), nil
	}
	return quantize(f, src, shape, o, func(e int, code int64, step float64, zero int32) {
		dst[e] = value[T](code-int64(zero), step)
	})
}

// Encode rounds the tensor src, row-major of the given shape, to the codes of the format. The widest codes are 32 bits,
// 31 without sign; float32 has no codes.
func Encode[T Float](f Format, codes []int32, src []T, shape []int, o Options) (Stats, error) {
	if err := f.checkCodes(); err != nil {
		return Stats{}, err
	}
	if len(codes) != len(src) {
		return Stats{}, errors.Errorf("number: %d elements in, room for %d codes", len(src), len(codes))
	}
	return quantize(f, src, shape, o, func(e int, code int64, _ float64, _ int32) {
		codes[e] = int32(code)
	})
}

// Decode returns the values of codes under the scales that Encode gave or was given. For formats that give their own
// step, scales may be nil. A code outside the format's range is an error.
func Decode[T Float](f Format, dst []T, codes []int32, shape []int, scales *Scales, channelAxis int) error {
	if err := f.checkCodes(); err != nil {
		return err
	}
	if err := f.checkType(dst); err != nil {
		return err
	}
	if len(dst) != len(codes) {
		return errors.Errorf("number: %d codes in, room for %d elements", len(codes), len(dst))
	}
	if err := f.checkTensor(len(codes), shape, Options{}); err != nil {
		return err
	}
	blocks, err := f.Blocks(shape, channelAxis)
	if err != nil {
		return err
	}
	if scales == nil && f.Step() > 0 {
		scales = f.ownScales(blocks)
	}
	if err := scales.check(f, blocks); err != nil {
		return err
	}
	lo, hi := f.CodeRange()
	for e, code := range codes {
		if int64(code) < lo || int64(code) > hi {
			return errors.Errorf("number: code %d of element %d is outside %d to %d of %v", code, e, lo, hi, f)
		}
		b := blocks.Of(e)
		dst[e] = value[T](int64(code)-int64(scales.zero(b)), scales.Step[b])
	}
	return nil
}

// value returns offset * step rounded once to T.
func value[T Float](offset int64, step float64) T {
	return T(float64(offset) * step)
}

func quantize[T Float](f Format, src []T, shape []int, o Options, put func(e int, code int64, step float64, zero int32)) (Stats, error) {
	if err := f.checkTensor(len(src), shape, o); err != nil {
		return Stats{}, err
	}
	blocks, err := f.Blocks(shape, o.ChannelAxis)
	if err != nil {
		return Stats{}, err
	}
	scales, err := scalesOf(f, src, blocks, o)
	if err != nil {
		return Stats{}, err
	}
	stats := Stats{Count: uint64(len(src))}
	for e, element := range src {
		b := blocks.Of(e)
		x, step, zero := float64(element), scales.Step[b], scales.zero(b)
		var r uint32
		if f.Stochastic() {
			r = uint32(o.Draw.Bits(ElementIndex(shape, e)))
		}
		code, clipped := f.Round(x, step, zero, r)
		if o.Clipped != nil {
			o.Clipped[e] = clipped
		}
		stats.note(x, clipped, code == int64(zero))
		put(e, code, step, zero)
	}
	return stats, nil
}

// note counts one element.
func (s *Stats) note(x float64, clipped, isZero bool) {
	switch {
	case math.IsNaN(x):
		s.NaN++
		return
	case math.IsInf(x, 0):
		s.Inf++
	}
	if clipped {
		s.Clipped++
	} else if isZero && x != 0 {
		s.Underflowed++
	}
}

func countSpecial[T Float](src []T) Stats {
	stats := Stats{Count: uint64(len(src))}
	for _, x := range src {
		if difference := x - x; difference != 0 { // only NaN and infinities
			stats.note(float64(x), false, false)
		}
	}
	return stats
}

// scalesOf returns the scales of the blocks, into o.Scales if that is given.
func scalesOf[T Float](f Format, src []T, blocks Blocks, o Options) (*Scales, error) {
	if f.scaleRule == ScaleRun {
		return o.Scales, o.Scales.check(f, blocks)
	}
	scales := o.Scales
	if scales == nil {
		scales = &Scales{}
	}
	lows, highs := make([]float64, blocks.Count), make([]float64, blocks.Count)
	if f.spec().reads(f) != nothing {
		for e, element := range src {
			if x := float64(element); !math.IsNaN(x) && !math.IsInf(x, 0) {
				b := blocks.Of(e)
				lows[b], highs[b] = min(lows[b], x), max(highs[b], x)
			}
		}
	}
	scales.Blocks, scales.Step, scales.Zero = blocks, resize(scales.Step, blocks.Count), nil
	if f.zeroAuto {
		scales.Zero = make([]int32, blocks.Count)
	}
	for b := range blocks.Count {
		step, zero := f.spec().scale(f, lows[b], highs[b])
		scales.Step[b] = step
		if f.zeroAuto {
			scales.Zero[b] = zero
		}
	}
	return scales, scales.check(f, blocks)
}

func resize[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// ownScales are those of a format that gives its own step.
func (f Format) ownScales(blocks Blocks) *Scales {
	scales := &Scales{Blocks: blocks, Step: make([]float64, blocks.Count)}
	for b := range scales.Step {
		scales.Step[b] = f.Step()
	}
	return scales
}

// checkType refuses formats whose values the tensor's type does not have.
func (f Format) checkType(tensor any) error {
	if f.IsSum() {
		return errors.Errorf("number: %v is a rule for sums, not the format of a tensor", f)
	}
	if _, is32 := tensor.([]float32); is32 && f.width > maxFloat32Width {
		return errors.Errorf("number: %v is wider than the %d bits of a float32: use a float64 tensor or codes", f, maxFloat32Width)
	}
	return nil
}

// checkCodes refuses formats whose codes are not int32 numbers.
func (f Format) checkCodes() error {
	switch _, hi := f.CodeRange(); {
	case f.IsSum():
		return errors.Errorf("number: %v is a rule for sums, not the format of a tensor", f)
	case f.width == 0:
		return errors.Errorf("number: %v has no codes", f)
	case hi > math.MaxInt32:
		return errors.Errorf("number: the codes of %v do not fit 32 bits with sign", f)
	}
	return nil
}

// checkTensor refuses lengths that do not agree with the shape.
func (f Format) checkTensor(length int, shape []int, o Options) error {
	elements, err := elementCount(shape)
	switch {
	case err != nil:
		return err
	case elements != length:
		return errors.Errorf("number: shape %v has %d elements, the tensor %d", shape, elements, length)
	case o.Clipped != nil && len(o.Clipped) != length:
		return errors.Errorf("number: the mask of clipped elements has %d elements, the tensor %d", len(o.Clipped), length)
	}
	return nil
}
