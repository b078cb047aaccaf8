package number

import "github.com/pkg/errors"

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
	if scales == nil && f.Step() > 0 {
		scales = &Scales{}
		scales.fill(blocks, f.Step())
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
