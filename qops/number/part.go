package number

import (
	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Part places a tensor in a larger one that is quantized piece by piece: its elements are those from Start on, in
// row-major order, of a tensor of Shape, and take the random bits that they have there. The zero Part is no part.
type Part struct {
	Start int
	Shape []int
}

// order returns the order of the random bits of a tensor of the shape and length, and the position it starts at.
func (p Part) order(shape []int, length int) (order philox.Order, start int, err error) {
	if p.Shape == nil {
		return randomOrder(shape), 0, nil
	}
	elements, err := elementCount(p.Shape)
	if err != nil {
		return order, 0, err
	}
	if p.Start < 0 || p.Start > elements-length {
		return order, 0, errors.Errorf("number: %d elements from %d on are no part of the shape %v", length, p.Start, p.Shape)
	}
	return randomOrder(p.Shape), p.Start, nil
}
