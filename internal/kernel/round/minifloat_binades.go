package round

import "math"

// Of grids without mantissa, whose numbers are the powers of two, a tie goes to the power whose ordinal is even, but
// kernels round quotients of 1.5 to 2. So they get elements of which a tie that has to go down is a little less.

// binadesFit reports whether minifloatRun.binades rounds to the nearest number of the grid.
func (g *floatGrid) binadesFit() bool {
	return g.mantissa == 0 && g.rounding == NearestEven && g.least >= floatLeast && g.value(g.most) < 0x1p126
}

// binades rounds the elements of a run to the nearest numbers of a grid without mantissa.
func (r *minifloatRun[O]) binades(dst []O, src []float32) (counts Counts) {
	least := uint32(r.grid.least + floatBias)
	for at := 0; at < len(src); at += packLength {
		n := min(packLength, len(src)-at)
		for i, x := range src[at : at+n] {
			pattern := math.Float32bits(x)
			field := pattern >> 23 & 0xff
			switch {
			case field == 0xff-1: // the inverse of its power of two is subnormal; the binade before lies beyond Max too
				pattern -= 1 << 23
			case field == 0xff: // infinite or NaN
			case pattern&significandOf == 1<<22 && field > least && (field-least)%2 == 1:
				pattern--
			}
			r.inputs[i] = math.Float32frombits(pattern)
		}
		counts.Add(r.round(dst[at:at+n], r.inputs[:n], nil))
	}
	return counts
}
