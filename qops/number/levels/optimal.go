package levels

import (
	"math"

	"github.com/pkg/errors"
)

// effort bounds the work and the memory of a search, and never its result.
type effort struct {
	cells   int // of the first stage
	keep    int // partial sums in memory
	threads int
}

// usual: few cells at first, as splitting comes cheaper than more of them (by counts of intervals on values of many
// distributions), and a table of 128 MiB.
func usual(points, threads int) effort {
	return effort{cells: max(512, 8*points), keep: 1 << 24, threads: threads}
}

// Optimal returns the ascending points, at least 2, that make the variance of stochastic rounding between them least
// for the values, which are finite and ascending (see Sorted). The first is the smallest value and the last the
// largest. There are fewer points when there are no more different values; then the points are those. No values give
// no points. The result does not depend on the number of threads.
func Optimal[T Float](sorted []T, points, threads int) ([]T, error) {
	return optimal(sorted, points, usual(points, threads))
}

func optimal[T Float](sorted []T, points int, e effort) ([]T, error) {
	if few, done, err := simple(sorted, points); done || err != nil {
		return few, err
	}
	out := make([]T, 0, points)
	for _, k := range search(newSeries(sorted, e.threads), points, e) {
		if x := sorted[k]; len(out) == 0 || x != out[len(out)-1] {
			out = append(out, x)
		}
	}
	return out, nil
}

// simple checks the values, and settles the cases that need no search: two points, and no more values than points.
func simple[T Float](sorted []T, points int) (few []T, done bool, err error) {
	if points < 2 {
		return nil, false, errors.Errorf("levels: %d points: a range needs at least 2", points)
	}
	different := make([]T, 0, points)
	for k, x := range sorted {
		switch {
		case x-x != 0:
			return nil, false, errors.Errorf("levels: value %d is %v; only finite values are sorted", k, x)
		case k > 0 && x < sorted[k-1]:
			return nil, false, errors.Errorf("levels: values %d and %d, %v and %v, do not ascend", k-1, k, sorted[k-1], x)
		case len(different) <= points && (k == 0 || x != sorted[k-1]):
			different = append(different, x+0)
		}
	}
	switch n := len(different); {
	case n <= points:
		return different, true, nil
	case points == 2:
		return []T{different[0], sorted[len(sorted)-1] + 0}, true, nil
	default:
		return nil, false, nil
	}
}

// search returns the indices of the best points among more values than points, at least 3.
func search(d data, points int, e effort) []int {
	cells := partition(d, e.cells)
	s := newStage(d, cells, everywhere(points, len(cells)), e.threads)
	known := math.Inf(1)
	for s.members() > rowsOf(s.layers) { // some cells have several values
		f, g := s.both(s.layers, s.layers, true)
		last := len(s.layers) - 1
		bound := s.traceBack(s.layers[:last], f, expand(s.layers[last])[0])
		known = min(known, s.tried(append(bound, expand(s.layers[last])[0])))
		s.narrow(f, g, known)
		parts := cell.split
		if rows := rowsOf(s.layers); s.members() <= splitInto*rows || splitInto*rows > e.keep {
			parts = cell.values
		}
		s = s.cut(func(c cell, out []cell) []cell { return parts(c, d, out) })
	}
	indices := make([]int, points)
	for t, c := range s.path(s.layers, e.keep) {
		indices[t] = s.cells[c].first
	}
	return indices
}

// tried returns the least sum of variances of some choices of points from the cells.
func (s *stage) tried(path []int32) float64 {
	least := math.Inf(1)
	points := make([]cell, len(path))
	for choice := range choices {
		for t, c := range path {
			points[t] = s.cells[c].choose(s.data, choice)
		}
		least = min(least, sumOf(s.data, points))
	}
	return least
}
