package levels

import (
	"container/heap"
	"slices"
)

// cell is a run of neighbouring values, by the indices of the first and the last. Equal values lie in one cell: values
// equal to an end of an interval add nothing to its variance, but would drown the rest in rounding errors.
type cell struct{ first, last int }

// single reports whether all values of the cell are the same.
func (c cell) single(d data) bool { return c.first == c.last || d.at(c.first) == d.at(c.last) }

// halfway returns the cells on both sides of the middle of the values, which must not all be the same.
func (c cell) halfway(d data) (a, b cell) {
	lo, hi := d.at(c.first), d.at(c.last)
	return c.above(d, lo+(hi-lo)/2)
}

// median returns the cells on both sides of the middle value's end, or its start if it is the last.
func (c cell) median(d data) (a, b cell) {
	x := d.at(c.first + (c.last-c.first)/2)
	if x < d.at(c.last) {
		return c.above(d, x)
	}
	m := d.find(c.first, c.last, func(y float64) bool { return y >= x })
	return cell{c.first, m - 1}, cell{m, c.last}
}

// above returns the cells of the values up to x and above.
func (c cell) above(d data, x float64) (a, b cell) {
	m := d.find(c.first, c.last, func(y float64) bool { return y > x })
	return cell{c.first, m - 1}, cell{m, c.last}
}

// around returns the cell of the values that equal the one with index k.
func (c cell) around(d data, k int) cell {
	x := d.at(k)
	return cell{
		d.find(c.first, k, func(y float64) bool { return y >= x }),
		d.find(k, c.last+1, func(y float64) bool { return y > x }) - 1,
	}
}

// splitInto is the number of parts that a cell is split into, at most.
const splitInto = 8

// split appends parts of the cell, halved three times: by value, which separates what is far apart, then by count, so
// that cells reach single values after few splits, then by value again.
func (c cell) split(d data, out []cell) []cell { return c.halve(d, out, 0) }

func (c cell) halve(d data, out []cell, depth int) []cell {
	if depth == 3 || c.single(d) {
		return append(out, c)
	}
	a, b := c.median(d)
	if depth != 1 {
		a, b = c.halfway(d)
	}
	return b.halve(d, a.halve(d, out, depth+1), depth+1)
}

// values appends a cell for each of the cell's values, equal ones together.
func (c cell) values(d data, out []cell) []cell {
	for k := c.first; k <= c.last; k++ {
		if n := len(out); k > c.first && d.at(out[n-1].first) == d.at(k) {
			out[n-1].last = k
		} else {
			out = append(out, cell{k, k})
		}
	}
	return out
}

// partition returns cells that cover all values in order, about as many as asked for. The first and the last hold the
// smallest and the largest value alone; there is a third value. The cells with the largest count * width^2, which bounds the variance within
// them, are halved first.
func partition(d data, cells int) []cell {
	n := d.count()
	inner := &widest{d: d}
	all := cell{0, n - 1}
	lowest, highest := all.around(d, 0), all.around(d, n-1)
	inner.put(cell{lowest.last + 1, highest.first - 1})
	for len(inner.cells)+2 < cells && inner.cells[0].weight > 0 {
		a, b := heap.Pop(inner).(weighted).halfway(d)
		inner.put(a)
		inner.put(b)
	}
	out := make([]cell, 0, len(inner.cells)+2)
	for _, w := range inner.cells {
		out = append(out, w.cell)
	}
	out = append(out, lowest, highest)
	slices.SortFunc(out, func(a, b cell) int { return a.first - b.first })
	return out
}

// weighted is a cell with what it is chosen by.
type weighted struct {
	cell
	weight float64
}

// widest is a heap of cells; equal weights go by place, so that the order is determined.
type widest struct {
	d     data
	cells []weighted
}

func (w *widest) put(c cell) {
	width := w.d.at(c.last) - w.d.at(c.first)
	heap.Push(w, weighted{c, width * width * float64(c.last-c.first+1)})
}

func (w *widest) Len() int { return len(w.cells) }

func (w *widest) Less(i, j int) bool {
	a, b := w.cells[i], w.cells[j]
	return a.weight > b.weight || a.weight == b.weight && a.first < b.first
}

func (w *widest) Swap(i, j int) { w.cells[i], w.cells[j] = w.cells[j], w.cells[i] }

func (w *widest) Push(x any) { w.cells = append(w.cells, x.(weighted)) }

func (w *widest) Pop() any {
	last := w.cells[len(w.cells)-1]
	w.cells = w.cells[:len(w.cells)-1]
	return last
}
