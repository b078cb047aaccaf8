package numberline

import (
	"slices"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// maxWidth is the widest format whose values can be told apart in a picture.
const maxWidth = 16

// Values returns the finite values of a format, ascending. Where a block's elements choose the scale, they are those of
// a block whose largest magnitude is 1.
func Values(f number.Format) ([]float64, error) {
	switch {
	case f.IsSum():
		return nil, errors.Errorf("%v is a rule for sums: it has no values of its own", f)
	case f.Width() == 0 || f.Width() > maxWidth:
		return nil, errors.Errorf("%v has too many values for a picture: at most %d bits", f, maxWidth)
	case f.Kind() == "levels":
		return nil, errors.Errorf("%v takes its values from the elements of each block", f)
	}
	f = f.WithBlock(number.PerTensor)
	if f.ScaleRule() == number.ScaleRun {
		f = f.WithScaleRule(number.ScaleMax)
	}
	// A format may name an axis; every axis that it can name is there.
	shape, block := []int{1, 1, 1, 1, 1, 1, 1, 1}, []float64{1}
	if f.ZeroAuto() {
		shape, block = []int{2}, []float64{-1, 1}
	}
	var scales number.Scales
	if _, err := number.Encode(f, make([]int32, len(block)), block, shape, number.Options{Scales: &scales}); err != nil {
		return nil, err
	}
	var values []float64
	decoded, codes := make([]float64, len(block)), make([]int32, len(block))
	lo, hi := f.CodeRange()
	for code := lo; code <= hi; code++ {
		codes[0] = int32(code)
		if err := number.Decode(f, decoded, codes, shape, &scales, 0); err != nil {
			continue // no code of the format
		}
		if v := decoded[0]; v-v == 0 {
			values = append(values, v+0) // without -0
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}
