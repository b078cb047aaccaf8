package products

var _ Engine = (*stepwise)(nil)

// stepwise saturates at each addition: products are added in ascending k, Group of them at a time without loss, then to
// the register.
type stepwise struct {
	columns [][]int8
	start   []int64
	k       int
	group   int
	lo, hi  int64
}

func newStepwise(m Matrix, a Accumulator) *stepwise {
	lo, hi := a.Range()
	return &stepwise{columns: m.columns(), start: m.Start, k: m.K, group: a.Group, lo: lo, hi: hi}
}

func (e *stepwise) Sums(sums []int64, rows []int16, n int) (overflows int64) {
	for r := range n {
		row := rows[r*e.k:][:e.k]
		for o, column := range e.columns {
			register, saturated := e.collect(e.start[o], row, column)
			if saturated {
				overflows++
			}
			sums[r*len(e.columns)+o] = register
		}
	}
	return overflows
}

// collect adds the products of a row and a column to the register.
func (e *stepwise) collect(register int64, row []int16, column []int8) (sum int64, saturated bool) {
	for len(row) > 0 {
		n := min(e.group, len(row))
		for k, w := range column[:n] {
			register += int64(row[k]) * int64(w)
		}
		row, column = row[n:], column[n:]
		if register > e.hi {
			register, saturated = e.hi, true
		} else if register < e.lo {
			register, saturated = e.lo, true
		}
	}
	return register, saturated
}
