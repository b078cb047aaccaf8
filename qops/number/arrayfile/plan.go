package arrayfile

import (
	"slices"

	"github.com/halftone-go/halftone/qops/number"
)

// pieceElements is about how many elements a piece has.
const pieceElements = 1 << 20

// plan is how an array is cut. It is seen as rows of so many elements; pieces are whole rows, cut at multiples of the
// rows that a block may reach over.
type plan struct {
	format   number.Format // of the pieces: without blocks where these do not matter
	rows     int
	elements int   // of a row
	multiple int   // of rows
	ones     int   // axes of length 1 between that of the rows and the rest, which keep the rest at its place
	rest     []int // shape of a row
	piece    int   // elements of a piece, about
	gather   bool  // a first pass finds the scales
	whole    bool  // the array is one piece because its scales depend on all elements
}

// newPlan returns how an array of the shape is cut for the format. The axis is that of block=channel or axis=reduce.
func newPlan(f number.Format, shape []int, axis int) (plan, error) {
	blocks, err := f.Blocks(shape, axis)
	if err != nil {
		return plan{}, err
	}
	source := f.ScalesFrom()
	switch head, multiple := span(f, shape, axis); {
	case source == number.FromFormat:
		return flat(f.WithBlock(number.PerTensor), shape), nil
	case head >= 0 && (blocks.Count > 1 || f.Block() == number.Tiled):
		p := cut(f, shape, head)
		p.multiple = multiple
		return p, nil
	case source == number.FromElements:
		return plan{format: f, rows: 1, elements: size(shape), multiple: 1, piece: pieceElements, whole: true, rest: shape, ones: -1}, nil
	case blocks.Count == 1:
		p := flat(f, shape)
		p.gather = true
		return p, nil
	default: // block=channel
		p := cut(f, shape, axis)
		p.gather = true
		return p, nil
	}
}

// span returns how many axes at the front every block stays at one place of, or -1 if there are none that blocks do not
// reach over. If head is 0, blocks reach over a multiple of rows along axis 0.
func span(f number.Format, shape []int, axis int) (head, multiple int) {
	last := len(shape) - 1
	tile := f.Tile()
	switch f.Block() {
	case number.PerSample:
		return min(1, last), 1
	case number.PerSampleChannel:
		return min(2, len(shape)), 1
	case number.PerRow:
		return last, 1
	case number.PerChannel:
		if axis == 0 && last > 0 {
			return 1, 1
		}
		return -1, 0
	case number.Tiled:
		switch {
		case tile.Height > 0 && last > 1:
			return last - 1, 1
		case tile.Height > 0 && last == 1:
			return 0, int(tile.Height)
		}
		switch tile.Axis {
		case number.LastAxis:
			axis = max(last, 0)
		case number.ReduceAxis:
		default:
			axis = int(tile.Axis)
		}
		if axis == 0 {
			return 0, int(tile.Width)
		}
		return axis, 1
	default:
		return -1, 0
	}
}

// flat cuts anywhere.
func flat(f number.Format, shape []int) plan {
	return plan{format: f, rows: size(shape), elements: 1, multiple: 1, piece: pieceElements}
}

// cut makes rows of what lies behind the first axes; behind none, of what lies behind axis 0.
func cut(f number.Format, shape []int, head int) plan {
	at := min(max(head, 1), len(shape))
	return plan{
		format: f, rows: size(shape[:at]), elements: size(shape[at:]), multiple: 1, piece: pieceElements,
		ones: at - 1, rest: slices.Clone(shape[at:]),
	}
}

// shape is the shape of a piece of so many rows.
func (p plan) shape(rows int) []int {
	if p.ones < 0 {
		return p.rest
	}
	out := []int{rows}
	for range p.ones {
		out = append(out, 1)
	}
	return append(out, p.rest...)
}

// pieceRows is the number of rows of a piece.
func (p plan) pieceRows() int {
	whole := p.piece / max(p.elements, 1) / p.multiple * p.multiple
	return min(max(whole, p.multiple), max(p.rows, 1))
}

// passes is how often the array is read.
func (p plan) passes() int {
	if p.gather {
		return 2
	}
	return 1
}

// size is the number of elements of a shape.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
