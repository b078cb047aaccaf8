package levels

import "math"

// Approximate is Optimal with points out of a few candidates, at least as many as points: O(values + points *
// candidates). The candidates lie where the values' variance is. The variance exceeds the optimum by a factor of at
// most 1 + excess, which is a proof for these values and no estimate: excess compares the result with a lower bound of
// all choices.
func Approximate[T Float](sorted []T, points, candidates, threads int) (chosen []T, excess float64, err error) {
	if few, done, err := simple(sorted, points); done || err != nil {
		return few, 0, err
	}
	d := newSeries(sorted, threads)
	cells := partition(d, max(candidates, points))
	indices, known := candidate(d, cells, points, threads)
	for _, k := range indices {
		if x := sorted[k]; len(chosen) == 0 || x != chosen[len(chosen)-1] {
			chosen = append(chosen, x+0)
		}
	}
	layers := everywhere(points, len(cells))
	lower := newStage(d, cells, layers, threads).forward(layers, false)[points-1][0]
	if known <= lower {
		return chosen, 0, nil
	}
	return chosen, known/lower - 1 + tolerance, nil
}

// candidate returns the indices of the best points among the first values of the cells, and their sum of variances.
func candidate(d data, cells []cell, points, threads int) (indices []int, known float64) {
	firsts := make([]cell, len(cells))
	for i, c := range cells {
		firsts[i] = c.around(d, c.first)
	}
	s := newStage(d, firsts, everywhere(points, len(cells)), threads)
	var chosen []cell
	for _, c := range s.path(s.layers, math.MaxInt) {
		chosen = append(chosen, firsts[c])
		indices = append(indices, firsts[c].first)
	}
	return indices, sumOf(d, chosen)
}
