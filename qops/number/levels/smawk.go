package levels

// rowMinima returns for each row of a totally monotone matrix the column of its least element, the leftmost of equals.
// It looks at O(rows + columns) elements: SMAWK (Aggarwal, Klawe, Moran, Shor and Wilber, "Geometric applications of a
// matrix-searching algorithm", 1987).
func rowMinima(rows, columns int, at func(row, column int32) float64) []int32 {
	m := matrix{at: at, best: make([]int32, rows)}
	m.solve(counting(rows), counting(columns))
	return m.best
}

func counting(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

type matrix struct {
	at   func(row, column int32) float64
	best []int32
}

func (m *matrix) solve(rows, columns []int32) {
	if len(rows) == 0 {
		return
	}
	columns = m.reduce(rows, columns)
	half := make([]int32, len(rows)/2)
	for i := range half {
		half[i] = rows[2*i+1]
	}
	m.solve(half, columns)
	k := 0
	for i := 0; i < len(rows); i += 2 {
		last := columns[len(columns)-1]
		if i+1 < len(rows) {
			last = m.best[rows[i+1]]
		}
		row := rows[i]
		best, least := columns[k], m.at(row, columns[k])
		for columns[k] != last {
			k++
			if x := m.at(row, columns[k]); x < least {
				best, least = columns[k], x
			}
		}
		m.best[row] = best
	}
}

// reduce leaves at most as many columns as rows, among them one with the least element of each row.
func (m *matrix) reduce(rows, columns []int32) []int32 {
	kept := make([]int32, 0, min(len(rows), len(columns)))
	values := make([]float64, 0, cap(kept)) // of kept[k] in row k
	for _, c := range columns {
		for n := len(kept); n > 0 && values[n-1] > m.at(rows[n-1], c); n-- {
			kept, values = kept[:n-1], values[:n-1]
		}
		if n := len(kept); n < len(rows) {
			kept, values = append(kept, c), append(values, m.at(rows[n], c))
		}
	}
	return kept
}
