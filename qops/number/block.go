package number

import (
	"math"

	"github.com/pkg/errors"
)

// Block tells which elements of a tensor share a scale.
type Block uint8

// The blocks. Tensors of rank 0 and 1 are one block under every one of them.
const (
	PerTensor  Block = iota // tensor: all of them
	PerSample               // sample: those with the same index on axis 0
	PerChannel              // channel: those with the same index on the channel axis, which the tensor's user names
)

// blockWords are the words of the blocks, in the order of the constants.
var blockWords = [...]word{
	PerTensor:  {"tensor", "one scale for all elements"},
	PerSample:  {"sample", "one scale per index on axis 0"},
	PerChannel: {"channel", "one scale per index on the channel axis"},
}

// String returns the name of the block in a format string.
func (b Block) String() string { return blockWords[b].name }

// BlockNames lists the names of the blocks.
func BlockNames() []string { return names(blockWords[:]) }

// Blocks tells which block an element is in: element e in row-major order lies in block (e/Inner) % Count.
type Blocks struct{ Count, Inner int }

// Of returns the block of the element.
func (b Blocks) Of(element int) int { return element / b.Inner % b.Count }

// Blocks returns the blocks of a tensor of the given shape. The channel axis is read only under block=channel; it is an
// error when it is not an axis of the shape.
func (f Format) Blocks(shape []int, channelAxis int) (Blocks, error) {
	elements, err := elementCount(shape)
	if err != nil {
		return Blocks{}, err
	}
	axis := 0
	switch {
	case f.block == PerTensor || len(shape) <= 1 || elements == 0:
		return Blocks{Count: 1, Inner: max(elements, 1)}, nil
	case f.block == PerChannel:
		axis = channelAxis
	}
	if axis < 0 || axis >= len(shape) {
		return Blocks{}, errors.Errorf("number: %v needs a channel axis in 0 to %d for shape %v, got %d", f, len(shape)-1, shape, axis)
	}
	inner := 1
	for _, n := range shape[axis+1:] {
		inner *= n
	}
	return Blocks{Count: shape[axis], Inner: inner}, nil
}

// elementCount returns the product of the shape's axes.
func elementCount(shape []int) (int, error) {
	count := 1
	for _, n := range shape {
		if n < 0 {
			return 0, errors.Errorf("number: shape %v has a negative axis", shape)
		}
		if n > 0 && count > math.MaxInt/n {
			return 0, errors.Errorf("number: shape %v has too many elements", shape)
		}
		count *= n
	}
	return count, nil
}
