package number

import (
	"math"

	"github.com/pkg/errors"
)

// Decode returns the values of codes under the scales that Encode gave or was given; for formats that give their own
// step, scales may be nil. A code outside the format's range is an error, as is what Quantize refuses.
func Decode[T Float](f Format, dst []T, codes []int32, shape []int, scales *Scales, channelAxis int) error {
	if err := f.checkCodes(); err != nil {
		return err
	}
	if err := f.checkType(isFloat32[T]()); err != nil {
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
	if scales == nil && !f.scaledByBlock() {
		scales = &Scales{}
		scales.fill(blocks, f.fixedStep())
	}
	if err := scales.check(f, blocks); err != nil {
		return err
	}
	cells := appendCells(nil, f, blocks, scales)
	for start := 0; start < len(codes); {
		b, end := blocks.Of(start), blocks.runEnd(start, len(codes))
		for e := start; e < end; e++ {
			p, ok := cells[b].point(f.widen(codes[e]))
			if !ok {
				return f.badCode(codes[e], e)
			}
			dst[e] = cellValue[T](&cells[b], p)
		}
		start = end
	}
	return nil
}

// widen returns a code that Encode gave: those of 32 bits without sign come as int32.
func (f Format) widen(code int32) int64 {
	if lo, hi := f.CodeRange(); lo == 0 && hi > math.MaxInt32 {
		return int64(uint32(code))
	}
	return int64(code)
}

func (f Format) badCode(code int32, element int) error {
	lo, hi := f.CodeRange()
	return errors.Errorf("number: code %d of element %d is none of %v, whose codes lie in %d to %d", f.widen(code), element, f, lo, hi)
}

// scaledByBlock reports whether values depend on scales that are not part of the format.
func (f Format) scaledByBlock() bool { return f.scaleRule != ScaleGiven }
