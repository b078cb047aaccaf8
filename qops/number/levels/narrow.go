package levels

// tolerance covers the rounding errors of bounds: what lies above a known sum by less is not dropped.
const tolerance = 0x1p-20

// narrow drops the cells of each layer through which no choice of points has a sum of variances of known or less. f and
// g are the bounds before and after each cell.
func (s *stage) narrow(f, g table, known float64) {
	limit := known + float64(known*tolerance)
	for t, layer := range s.layers {
		var kept []span
		for k, c := range expand(layer) {
			if f[t][k]+g[t][k] > limit {
				continue
			}
			if n := len(kept); n > 0 && kept[n-1].hi == c {
				kept[n-1].hi = c + 1
			} else {
				kept = append(kept, span{c, c + 1})
			}
		}
		s.layers[t] = kept
	}
}

// members counts the values in the cells of the layers, equal ones of a cell as one if all are.
func (s *stage) members() int {
	size := make([]int, len(s.cells)+1) // of the cells before
	for i, c := range s.cells {
		size[i+1] = size[i] + 1
		if !c.single(s.data) {
			size[i+1] += c.last - c.first
		}
	}
	n := 0
	for _, layer := range s.layers {
		for _, r := range layer {
			n += size[r.hi] - size[r.lo]
		}
	}
	return n
}

// cut returns the stage with the parts of its cells, without the cells that no layer has.
func (s *stage) cut(parts func(c cell, out []cell) []cell) *stage {
	used := make([]bool, len(s.cells))
	for _, layer := range s.layers {
		for _, r := range layer {
			for c := r.lo; c < r.hi; c++ {
				used[c] = true
			}
		}
	}
	start := make([]int32, len(s.cells)+1) // of a cell's parts
	var cells []cell
	for i, c := range s.cells {
		start[i] = int32(len(cells))
		if used[i] {
			cells = parts(c, cells)
		}
	}
	start[len(s.cells)] = int32(len(cells))
	layers := make([][]span, len(s.layers))
	for t, layer := range s.layers {
		for _, r := range layer {
			layers[t] = append(layers[t], span{start[r.lo], start[r.hi]})
		}
	}
	return newStage(s.data, cells, layers, s.threads)
}

// sumOf is the sum of variances between points, each the cell of all its equals.
func sumOf(d data, points []cell) float64 {
	var total float64
	for t, next := range points[1:] {
		l, r := points[t].begins(d), next.ends(d)
		total += variance(&l, &r)
	}
	return total
}

// choices are the places within cells that a choice of points is tried at: the first, the middle and the last value.
const choices = 3

// choose returns the cell of one of a cell's values.
func (c cell) choose(d data, choice int) cell {
	return c.around(d, c.first+(c.last-c.first)*choice/(choices-1))
}
