package products

var _ Engine = (*stepwise)(nil)

// stepwise saturates at each addition: products are added in ascending k, Group of them at a time without loss, then to
// the register.
//
// Columns are cut into spans. Where the register has room for whatever a span may add on the way, the span is added
// without looking, which is what happens nearly always.
type stepwise struct {
	columns [][]int8
	spans   [][]span // of each column
	start   []int64
	k       int
	group   int
	length  int // of a span: a multiple of the group
	lo, hi  int64
}

// span bounds what any part of a span's products, from its beginning on, adds to the register.
type span struct{ lo, hi int64 }

// spanLength is about how many products are in a span.
const spanLength = 32

func newStepwise(m Matrix, a Accumulator, codeLo, codeHi int64) *stepwise {
	lo, hi := a.Range()
	e := &stepwise{columns: m.columns(), start: m.Start, k: m.K, group: a.Group, lo: lo, hi: hi}
	e.length = (spanLength + a.Group - 1) / a.Group * a.Group
	for _, column := range e.columns {
		var spans []span
		for first := 0; first < m.K; first += e.length {
			part := column[first:min(first+e.length, m.K)]
			bound := Matrix{K: len(part), Outputs: 1, Weights: part, Start: []int64{0}}.Bounds(codeLo, codeHi)[0]
			spans = append(spans, span{bound.PartialLo, bound.PartialHi})
		}
		e.spans = append(e.spans, spans)
	}
	return e
}

func (e *stepwise) Sums(sums []int64, rows []int16, n int) (overflows int64) {
	for r := range n {
		row := rows[r*e.k:][:e.k]
		for o, column := range e.columns {
			register, saturated := e.collect(e.start[o], row, column, e.spans[o])
			if saturated {
				overflows++
			}
			sums[r*len(e.columns)+o] = register
		}
	}
	return overflows
}

// collect adds the products of a row and a column to the register.
func (e *stepwise) collect(register int64, row []int16, column []int8, spans []span) (sum int64, saturated bool) {
	for _, s := range spans {
		n := min(e.length, len(row))
		if register+s.lo >= e.lo && register+s.hi <= e.hi {
			for k, w := range column[:n] {
				register += int64(row[k]) * int64(w)
			}
		} else {
			var now bool
			register, now = e.step(register, row[:n], column[:n])
			saturated = saturated || now
		}
		row, column = row[n:], column[n:]
	}
	return register, saturated
}

// step adds the products of a span one group after the other.
func (e *stepwise) step(register int64, row []int16, column []int8) (sum int64, saturated bool) {
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
