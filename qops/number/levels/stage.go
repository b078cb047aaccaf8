package levels

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// span is a run of cells, from lo up to and without hi.
type span struct{ lo, hi int32 }

// stage is the cells that the points may lie in: layers[t] those of point t. Layers share cells.
type stage struct {
	data        data
	cells       []cell
	left, right []knot // the ends of the interval that a cell begins, and of the one that it ends
	layers      [][]span
	threads     int
}

// begins returns the knot of the interval that begins after the cell.
func (c cell) begins(d data) knot {
	return knot{d.at(c.last), d.before(c.last + 1), float64(c.last + 1)}
}

// ends returns the knot of the interval that ends before the cell.
func (c cell) ends(d data) knot {
	return knot{d.at(c.first), d.before(c.first), float64(c.first)}
}

// newStage makes the knots of the cells: an interval begins after a cell's last value and ends before another's first.
func newStage(d data, cells []cell, layers [][]span, threads int) *stage {
	s := &stage{data: d, cells: cells, left: make([]knot, len(cells)), right: make([]knot, len(cells)), layers: layers, threads: threads}
	parallel.For(len(cells), 1<<8, threads, func(lo, hi int) {
		for i, c := range cells[lo:hi] {
			s.left[lo+i], s.right[lo+i] = c.begins(d), c.ends(d)
		}
	})
	return s
}

// everywhere returns the layers of points that may lie in any of the cells, but for the first and the last, which are in
// the first and the last cell.
func everywhere(points, cells int) [][]span {
	last := int32(cells - 1)
	layers := make([][]span, points)
	for t := range layers {
		layers[t] = []span{{1, last}}
	}
	layers[0], layers[points-1] = []span{{0, 1}}, []span{{last, last + 1}}
	return layers
}

// outOfOrder is more than any variance. Times the distance it keeps matrices totally monotone where one cell does not
// come before the other.
const outOfOrder = 0x1p900

// between is the least variance of the values between a point in cell a and the next one in cell b.
func (s *stage) between(a, b int32) float64 {
	switch {
	case a < b:
		return variance(&s.left[a], &s.right[b])
	case a == b:
		return 0
	default:
		return float64(outOfOrder * float64(a-b))
	}
}

// table holds, for each layer, a bound for each of its cells.
type table [][]float64

// forward returns for each cell of each layer the least sum of variances between the points up to it. Without keep,
// only the last layer is there.
func (s *stage) forward(layers [][]span, keep bool) table {
	out := make(table, len(layers))
	columns := expand(layers[0])
	out[0] = make([]float64, len(columns))
	for t := 1; t < len(layers); t++ {
		rows, before := expand(layers[t]), out[t-1]
		out[t] = minima(len(rows), len(columns), func(r, c int32) float64 { return before[c] + s.between(columns[c], rows[r]) })
		columns = rows
		if !keep {
			out[t-1] = nil
		}
	}
	return out
}

// backward is forward from the other side: the least sum of variances between a cell and the points after it, and
// without keep only the first layer.
func (s *stage) backward(layers [][]span, keep bool) table {
	last := len(layers) - 1
	out := make(table, len(layers))
	columns := expand(layers[last])
	out[last] = make([]float64, len(columns))
	for t := last - 1; t >= 0; t-- {
		rows, after := expand(layers[t]), out[t+1]
		out[t] = minima(len(rows), len(columns), func(r, c int32) float64 { return after[c] + s.between(rows[r], columns[c]) })
		columns = rows
		if !keep {
			out[t+1] = nil
		}
	}
	return out
}

// minima returns the least element of each row.
func minima(rows, columns int, at func(r, c int32) float64) []float64 {
	out := make([]float64, rows)
	for r, c := range rowMinima(rows, columns, at) {
		out[r] = at(int32(r), c)
	}
	return out
}

// both runs forward and backward, at the same time if there are threads for it.
func (s *stage) both(ahead, behind [][]span, keep bool) (f, g table) {
	parallel.For(2, 1, min(s.threads, 2), func(lo, hi int) {
		if lo == 0 {
			f = s.forward(ahead, keep)
		}
		if hi == 2 {
			g = s.backward(behind, keep)
		}
	})
	return f, g
}

// path returns for each of at least two layers the cell of a choice with the least sum of variances. The first and the
// last layer have one cell. It keeps at most limit partial sums: when there are more, it finds the cell of the middle
// layer and then the two halves (Hirschberg, "A linear space algorithm for computing maximal common subsequences",
// 1975).
func (s *stage) path(layers [][]span, limit int) []int32 {
	if len(layers) == 2 {
		return []int32{layers[0][0].lo, layers[1][0].lo}
	}
	h, keep := len(layers)/2, rowsOf(layers) <= limit
	f, g := s.both(layers[:h+1], layers[h:], keep)
	middle := expand(layers[h])
	best, least := 0, math.Inf(1)
	for k := range middle {
		if x := f[h][k] + g[0][k]; x < least {
			best, least = k, x
		}
	}
	m := middle[best]
	if keep {
		return append(append(s.traceBack(layers[:h], f, m), m), s.traceAhead(layers[h+1:], g[1:], m)...)
	}
	ahead := append(clip(layers[:h], 0, m+1), []span{{m, m + 1}})
	behind := append([][]span{{{m, m + 1}}}, clip(layers[h+1:], m, int32(len(s.cells)))...)
	return append(s.path(ahead, limit), s.path(behind, limit)[1:]...)
}

// traceBack returns the cells of the layers on the best way to cell m of the layer after them.
func (s *stage) traceBack(layers [][]span, f table, m int32) []int32 {
	out := make([]int32, len(layers))
	for t := len(layers) - 1; t >= 0; t-- {
		m = nearestOf(layers[t], f[t], func(c int32) float64 { return s.between(c, m) })
		out[t] = m
	}
	return out
}

// traceAhead returns the cells of the layers on the best way from cell m of the layer before them.
func (s *stage) traceAhead(layers [][]span, g table, m int32) []int32 {
	out := make([]int32, len(layers))
	for t := range layers {
		m = nearestOf(layers[t], g[t], func(c int32) float64 { return s.between(m, c) })
		out[t] = m
	}
	return out
}

// nearestOf returns the cell of the layer with the least bound plus distance.
func nearestOf(layer []span, bounds []float64, distance func(cell int32) float64) int32 {
	var best int32
	least := math.Inf(1)
	for k, c := range expand(layer) {
		if x := bounds[k] + distance(c); x < least {
			best, least = c, x
		}
	}
	return best
}

// expand lists the cells of a layer.
func expand(layer []span) []int32 {
	out := make([]int32, 0, rowsOf([][]span{layer}))
	for _, s := range layer {
		for c := s.lo; c < s.hi; c++ {
			out = append(out, c)
		}
	}
	return out
}

// rowsOf counts the cells of the layers.
func rowsOf(layers [][]span) int {
	n := 0
	for _, layer := range layers {
		for _, s := range layer {
			n += int(s.hi - s.lo)
		}
	}
	return n
}

// clip returns the layers without the cells outside lo to hi.
func clip(layers [][]span, lo, hi int32) [][]span {
	out := make([][]span, len(layers))
	for t, layer := range layers {
		for _, s := range layer {
			if s.lo, s.hi = max(s.lo, lo), min(s.hi, hi); s.lo < s.hi {
				out[t] = append(out[t], s)
			}
		}
	}
	return out
}
