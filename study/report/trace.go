package report

import (
	"math"

	"gonum.org/v1/plot/plotter"
)

// pieces bounds how much of a series is drawn: of each of that many parts of a longer one, the first, the lowest, the
// highest and the last point are kept, so that no extreme is lost.
const pieces = 250

// trace is what is drawn of a series, in places.
type trace struct {
	// runs are the stretches without a gap; one of a single point is drawn as a dot.
	runs []plotter.XYs
	// below and above are places along x where the series leaves the chart.
	below, above []float64
	// count has the number of points of each class.
	count [missing + 1]int
	x, y  span
}

// trace places the points of a series.
func (l *Lines) trace(s Series) trace {
	n := len(s.Points)
	points := make(plotter.XYs, n)
	classes := make([]class, n)
	gaps := make([]int, n+1) // gaps[i]: points before i that are not drawn
	t := trace{x: nowhere, y: nowhere}
	for i, p := range s.Points {
		x, class := l.X.place(p.X)
		if class != drawable {
			class = missing // along x there is no place for a mark
		} else {
			points[i].X = x
			points[i].Y, class = l.Y.place(p.Y)
		}
		classes[i] = class
		t.count[class]++
		gaps[i+1] = gaps[i]
		if class != drawable {
			gaps[i+1]++
		} else {
			t.y = t.y.with(points[i].Y)
		}
		if class != missing {
			t.x = t.x.with(x)
		}
	}
	previous := -1
	keep := func(i int) {
		if previous < 0 || gaps[i] != gaps[previous] {
			t.runs = append(t.runs, nil)
		}
		t.runs[len(t.runs)-1] = append(t.runs[len(t.runs)-1], points[i])
		previous = i
	}
	for _, piece := range divide(n) {
		for _, i := range outline(points, classes, piece[0], piece[1]) {
			keep(i)
		}
		t.below = append(t.below, leaves(points, classes, piece[0], piece[1], below)...)
		t.above = append(t.above, leaves(points, classes, piece[0], piece[1], above)...)
	}
	return t
}

// divide cuts n points into pieces, or into single points if they are few.
func divide(n int) [][2]int {
	count := n
	if n > 4*pieces {
		count = pieces
	}
	parts := make([][2]int, count)
	for i := range parts {
		parts[i] = [2]int{i * n / count, (i + 1) * n / count}
	}
	return parts
}

// outline returns the first, the lowest, the highest and the last drawable point of [from, to), in order, each once.
func outline(points plotter.XYs, classes []class, from, to int) []int {
	first, lowest, highest, last := -1, -1, -1, -1
	for i := from; i < to; i++ {
		if classes[i] != drawable {
			continue
		}
		if first < 0 {
			first, lowest, highest = i, i, i
		}
		last = i
		if points[i].Y < points[lowest].Y {
			lowest = i
		}
		if points[i].Y > points[highest].Y {
			highest = i
		}
	}
	if first < 0 {
		return nil
	}
	kept := []int{first}
	for _, i := range []int{min(lowest, highest), max(lowest, highest), last} {
		if i > kept[len(kept)-1] {
			kept = append(kept, i)
		}
	}
	return kept
}

// leaves returns the place along x of the first point of [from, to) at which the series leaves the chart on a side, if any.
func leaves(points plotter.XYs, classes []class, from, to int, side class) []float64 {
	for i := from; i < to; i++ {
		if classes[i] == side && (i == 0 || classes[i-1] != side) {
			return []float64{points[i].X}
		}
	}
	return nil
}

// whole tells whether all values along x are integers.
func whole(series []Series) bool {
	for _, s := range series {
		for _, p := range s.Points {
			if p.X != math.Trunc(p.X) {
				return false
			}
		}
	}
	return true
}
