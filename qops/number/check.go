package number

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
)

// FitsFloat32 returns an error when the format is none of tensors, or has values that float32 tensors do not hold.
func (f Format) FitsFloat32() error { return f.checkType(true) }

// checkType refuses formats whose values the tensor's type does not have.
func (f Format) checkType(is32 bool) error {
	if f.IsSum() {
		return errors.Errorf("number: %v is a rule for sums, not the format of a tensor", f)
	}
	if reason := f.beyondFloat32(); is32 && reason != "" {
		return errors.Errorf("number: %v %s: use a float64 tensor or codes", f, reason)
	}
	return nil
}

// beyondFloat32 says which values of the format a float32 does not have, or "".
func (f Format) beyondFloat32() string {
	switch k := f.spec().(type) {
	case narrower:
		return k.beyondFloat32(f)
	case codeRanger: // floats, whose values are those that float32 has
		return ""
	}
	if f.width > maxFloat32Width {
		return fmt.Sprintf("is wider than the %d bits of a float32", maxFloat32Width)
	}
	return ""
}

// checkCodes refuses formats whose codes are not int32 numbers.
func (f Format) checkCodes() error {
	switch _, hi := f.CodeRange(); {
	case f.IsSum():
		return errors.Errorf("number: %v is a rule for sums, not the format of a tensor", f)
	case f.width == 0:
		return errors.Errorf("number: %v has no codes", f)
	case hi > math.MaxUint32 || hi > math.MaxInt32 && !f.patterns():
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

// patterns reports whether codes are bit patterns.
func (f Format) patterns() bool {
	_, ok := f.spec().(codeRanger)
	return ok
}
