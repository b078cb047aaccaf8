package number

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
)

// Block tells which elements of a tensor share a scale.
type Block uint8

// The blocks. Tensors of rank 0 and 1 are one block under every one of them but Tiled.
const (
	PerTensor        Block = iota // tensor: all of them
	PerSample                     // sample: those with the same index on axis 0
	PerChannel                    // channel: those with the same index on the channel axis, which the tensor's user names
	PerSampleChannel              // sample.channel: those with the same indices on axes 0 and 1
	PerRow                        // row: those along the last axis
	Tiled                         // N or HxW: neighbours along an axis, or the last two (see Tile)
)

// blockWords are the words of the blocks, in the order of the constants.
var blockWords = [...]word{
	PerTensor:        {"tensor", "one scale for all elements"},
	PerSample:        {"sample", "one scale per index on axis 0"},
	PerChannel:       {"channel", "one scale per index on the channel axis"},
	PerSampleChannel: {"sample.channel", "one scale per index on axes 0 and 1"},
	PerRow:           {"row", "one scale per row: the elements along the last axis"},
	Tiled:            {"32", "one scale per 32 (any number) neighbours along the last axis, another (axis=N), or that of the sum (axis=reduce); 16x16: along the last two"},
}

// String returns the name of the block in a format string; that of Tiled is an example.
func (b Block) String() string { return blockWords[b].name }

// BlockNames lists the names of the blocks.
func BlockNames() []string { return names(blockWords[:]) }

// Blocks returns the blocks of a tensor of the given shape. The axis is read only under block=channel, where it is that
// of the channels, and under axis=reduce, where it is that of the sum that the tensor is used in. It is an error when it
// is not an axis of the shape, or the format names an axis that the shape does not have.
func (f Format) Blocks(shape []int, axis int) (Blocks, error) {
	elements, err := elementCount(shape)
	if err != nil {
		return Blocks{}, err
	}
	if elements == 0 {
		return Blocks{Count: 1, Inner: 1}, nil
	}
	if f.block == Tiled {
		return f.tiles(shape, axis)
	}
	if len(shape) <= 1 || f.block == PerTensor {
		return Blocks{Count: 1, Inner: elements}, nil
	}
	switch f.block {
	case PerRow:
		inner := shape[len(shape)-1]
		return Blocks{Count: elements / inner, Inner: inner}, nil
	case PerSampleChannel:
		count := shape[0] * shape[1]
		return Blocks{Count: count, Inner: elements / count}, nil
	case PerSample:
		axis = 0
	}
	if axis < 0 || axis >= len(shape) {
		return Blocks{}, errors.Errorf("number: %v needs a channel axis in 0 to %d for shape %v, got %d", f, len(shape)-1, shape, axis)
	}
	return Blocks{Count: shape[axis], Inner: product(shape[axis+1:])}, nil
}

// Axis returns the axis that Blocks and Options take for a tensor whose channels lie along one axis, and that is used in
// a sum along another.
func (f Format) Axis(channels, sum int) int {
	if f.block == Tiled && f.tile.Axis == ReduceAxis {
		return sum
	}
	return channels
}

// Blocks tells which block an element is in. Without a Layout, element e in row-major order lies in block
// (e/Inner) % Count.
type Blocks struct {
	Count, Inner int
	Layout       Layout // of tiles that this simple rule does not describe; else zero
}

// Of returns the block of the element.
func (b Blocks) Of(element int) int {
	if b.Layout.Width == 0 {
		return element / b.Inner % b.Count
	}
	return b.Layout.of(element)
}

// RunEnd returns the end of the elements from start on that lie in one block, one after the other, or end if that comes
// before it.
func (b Blocks) RunEnd(start, end int) int {
	switch {
	case b.Layout.Width == 0:
		return nextMultiple(start, end, b.Inner)
	case b.Layout.Inner == 1:
		return b.Layout.runEnd(start, end)
	default:
		return start + 1
	}
}

// short reports whether the runs of neighbours in a block are so short that elements are taken with a step each.
func (b Blocks) short() bool {
	switch {
	case b.Count == 1:
		return false
	case b.Layout.Width == 0:
		return b.Inner < shortRun
	default:
		return b.Layout.Inner > 1 || b.Layout.Width < shortRun
	}
}

// String returns the number of blocks and their size.
func (b Blocks) String() string {
	if b.Layout.Width == 0 {
		return fmt.Sprintf("%d blocks, %d elements on end", b.Count, b.Inner)
	}
	return fmt.Sprintf("%d tiles of %dx%d", b.Count, b.Layout.Height, b.Layout.Width)
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

// product returns the product of the axes.
func product(axes []int) int {
	n := 1
	for _, a := range axes {
		n *= a
	}
	return n
}
