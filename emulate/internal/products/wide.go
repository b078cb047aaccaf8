package products

var _ Engine = (*wide)(nil)

// wide takes exact sums in 64 bits and wraps them once at the end, which gives what a register holds that wraps at each
// addition. It also serves registers wider than 32 bits that never overflow.
type wide struct {
	columns [][]int8
	start   []int64
	k       int
	unused  uint // bits of an int64 that the register does not have
}

func newWide(m Matrix, a Accumulator) *wide {
	return &wide{columns: m.columns(), start: m.Start, k: m.K, unused: uint(64 - a.Width)}
}

func (e *wide) Sums(sums []int64, rows []int16, n int) (overflows int64) {
	for r := range n {
		row := rows[r*e.k:][:e.k]
		for o, column := range e.columns {
			exact := e.start[o]
			for k, w := range column {
				exact += int64(row[k]) * int64(w)
			}
			wrapped := exact << e.unused >> e.unused
			if wrapped != exact {
				overflows++
			}
			sums[r*len(e.columns)+o] = wrapped
		}
	}
	return overflows
}
