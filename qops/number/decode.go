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
	t := takeTask(f, dst, blocks, 1)
	defer t.release()
	if t.scales = scales; scales == nil && !f.scaledByBlock() {
		t.scales = &t.own
		t.own.fill(blocks, f.fixedStep())
	}
	if err := t.scales.check(f, blocks); err != nil {
		return err
	}
	if t.recipe.lined && blocks.short() {
		t.makeCells()
	}
	c := t.chunk()
	defer c.release()
	return c.decode(dst, codes)
}

// decode turns codes into values.
func (c *chunk[T]) decode(dst []T, codes []int32) error {
	f, blocks := c.task.format, c.task.blocks
	lo, hi := f.CodeRange()
	for start := 0; start < len(codes); {
		end := blocks.RunEnd(start, len(codes))
		if c.task.recipe.lined {
			cell := c.cellAt(start)
			for e := start; e < end; e++ {
				p, ok := cell.point(f.widen(codes[e]))
				if !ok {
					return f.badCode(codes[e], e)
				}
				dst[e] = cellValue[T](cell, p)
			}
		} else {
			b := blocks.Of(start)
			step, zero := c.task.scales.Step[b], int64(c.task.scales.zero(b))
			for e := start; e < end; e++ {
				code := f.widen(codes[e])
				if code < lo || code > hi {
					return f.badCode(codes[e], e)
				}
				dst[e] = value[T](code-zero, step)
			}
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
