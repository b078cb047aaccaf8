package number

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Tile is the size and place of blocks of neighbours: Width elements along an axis, or Height x Width along the last two
// axes. Tiles at the end of an axis may be smaller.
type Tile struct {
	Height, Width uint16 // Height is 0 for tiles along one axis
	Axis          int8   // of tiles along one axis: LastAxis, ReduceAxis, or the axis's number
}

// Axes of a Tile beside numbers.
const (
	LastAxis   = -1 // the last one
	ReduceAxis = -2 // the one that the op that uses the tensor takes its sums along
)

// Limits of tiles.
const (
	maxTile     = 1 << 15
	maxTileAxis = 7
)

// parseTile reads the size of block=N or block=HxW.
func parseTile(s string) (Tile, bool) {
	t := Tile{Axis: LastAxis}
	height, width, two := strings.Cut(s, "x")
	if !two {
		width = height
	}
	w, ok := parseSize(width)
	t.Width = w
	if two && ok {
		t.Height, ok = parseSize(height)
	}
	return t, ok
}

// parseSize reads a positive whole number.
func parseSize(s string) (uint16, bool) {
	n, err := strconv.Atoi(s)
	return uint16(n), err == nil && n >= 1 && n <= maxTile && strconv.Itoa(n) == s
}

// size is the text of block= without the axis.
func (t Tile) size() string {
	if t.Height > 0 {
		return fmt.Sprintf("%dx%d", t.Height, t.Width)
	}
	return strconv.Itoa(int(t.Width))
}

// axisText is ",axis=..." where the axis is not the last.
func (t Tile) axisText() string {
	switch t.Axis {
	case LastAxis:
		return ""
	case ReduceAxis:
		return ",axis=reduce"
	default:
		return fmt.Sprintf(",axis=%d", t.Axis)
	}
}

// elements is the number of elements in a whole tile.
func (t Tile) elements() int { return int(max(t.Height, 1)) * int(t.Width) }

// Layout describes a tensor in tiles: seen as (outer, Rows, Columns, Inner), with tiles of Height x Width along Rows and
// Columns, the last ones of which may be smaller. Element (o, r, c, i) lies in block
//
//	((o*ceil(Rows/Height) + r/Height)*ceil(Columns/Width) + c/Width)*Inner + i
type Layout struct{ Rows, Columns, Inner, Height, Width int }

// tiles returns the blocks of a tensor of the shape, which has elements.
func (f Format) tiles(shape []int, reduceAxis int) (Blocks, error) {
	t := f.tile
	axis := int(t.Axis)
	last := len(shape) - 1
	switch axis {
	case LastAxis:
		axis = max(last, 0)
	case ReduceAxis:
		axis = reduceAxis
		if last <= 0 {
			axis = max(last, 0)
		}
	}
	if len(shape) == 0 {
		shape, last = []int{1}, 0
	}
	if axis < 0 || axis > last {
		if t.Axis == ReduceAxis {
			return Blocks{}, errors.Errorf("number: %v needs the axis of the sum, in 0 to %d for shape %v, got %d", f, last, shape, axis)
		}
		return Blocks{}, errors.Errorf("number: %v: shape %v has axes 0 to %d", f, shape, last)
	}
	l := Layout{Rows: 1, Columns: shape[axis], Inner: product(shape[axis+1:]), Height: 1, Width: int(t.Width)}
	if t.Height > 0 {
		l.Height = int(t.Height)
		if last > 0 {
			l.Rows = shape[last-1]
		}
	}
	outer := product(shape) / (l.Rows * l.Columns * l.Inner)
	count := outer * ceilDivide(l.Rows, l.Height) * ceilDivide(l.Columns, l.Width) * l.Inner
	switch {
	case count == 1:
		return Blocks{Count: 1, Inner: product(shape)}, nil
	case l.Height == 1 && l.Inner == 1 && l.Columns%l.Width == 0:
		return Blocks{Count: count, Inner: l.Width}, nil
	case l.Height == 1 && l.Inner == 1 && l.Width >= l.Columns:
		return Blocks{Count: count, Inner: l.Columns}, nil
	}
	return Blocks{Count: count, Inner: 1, Layout: l}, nil
}

// of returns the block of the element.
func (l Layout) of(element int) int {
	i := element % l.Inner
	element /= l.Inner
	column := element % l.Columns
	element /= l.Columns
	row, outer := element%l.Rows, element/l.Rows
	return ((outer*ceilDivide(l.Rows, l.Height)+row/l.Height)*ceilDivide(l.Columns, l.Width)+column/l.Width)*l.Inner + i
}

// runEnd is Blocks.RunEnd for tiles whose elements are neighbours.
func (l Layout) runEnd(start, end int) int {
	column := start % l.Columns
	return min(end, start-column+min(nextMultiple(column, l.Columns, l.Width), l.Columns))
}

func ceilDivide(n, by int) int { return (n + by - 1) / by }
