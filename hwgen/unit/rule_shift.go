package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// shiftMaxLeft is the largest Shift of requant's shift rules. The accumulator is set that far to the left, so that one
// shifter to the right serves all shifts.
const shiftMaxLeft = 14

// The shift rules to nearest are requant's of the same names: acc * 2^Shift, -62 <= Shift <= 14, with their ties.
var (
	shiftNearestEven = shiftNearest(cut.tiesToEven, true)
	shiftNearestAway = shiftNearest(cut.tiesAway, true)
	shiftNearestUp   = shiftNearest(cut.tiesUp, false)
)

// shiftNearest rounds up where up says. Its first step leaves {floor, half}, with usesRest {floor, half, rest}.
func shiftNearest(up func(c cut) *circuit.Expr, usesRest bool) rule {
	return rule{
		scale: func(m *circuit.Module, r ruleInputs) *circuit.Expr {
			// One 0 more than the left shift needs is the half bit when nothing is cut off.
			extended := m.Wire("extended", atLeft(r.total, shiftMaxLeft+1))
			right := shiftFromLeft(m, r.shift)
			shifted := shiftToHalf(m, extended, right)
			if !usesRest {
				return shifted
			}
			return m.Wire("scaled_next", circuit.AsSigned(circuit.Concat(shifted, restBelow(m, extended, right))))
		},
		round: func(m *circuit.Module, scaled *circuit.Expr, _ ruleInputs) *circuit.Expr {
			var c cut
			half := 0
			if usesRest {
				c.rest = m.Wire("rest_held", circuit.IsSet(scaled, 0))
				half = 1
			}
			c.half = m.Wire("half", circuit.IsSet(scaled, half))
			c.floor = m.Wire("floor", circuit.AsSigned(circuit.Slice(scaled, scaled.Type.Width-1, half+1)))
			return c.roundUp(m, up(c))
		},
	}
}

// shiftFloor is requant's shift.floor: floor(acc * 2^Shift), -62 <= Shift <= 14.
var shiftFloor = rule{
	scale: func(m *circuit.Module, r ruleInputs) *circuit.Expr {
		extended := m.Wire("extended", atLeft(r.total, shiftMaxLeft))
		return m.Wire("scaled_next", circuit.ShiftRight(extended, shiftFromLeft(m, r.shift)))
	},
	round: func(_ *circuit.Module, scaled *circuit.Expr, _ ruleInputs) *circuit.Expr { return scaled },
}

// atLeft is total * 2^n.
func atLeft(total *circuit.Expr, n int) *circuit.Expr {
	return circuit.AsSigned(circuit.Concat(total, circuit.Constant(circuit.Unsigned(n), 0)))
}

// shiftFromLeft is the shift to the right that remains for a value that stands shiftMaxLeft bits to the left.
func shiftFromLeft(m *circuit.Module, shift *circuit.Expr) *circuit.Expr {
	return m.Wire("right", circuit.AsUnsigned(circuit.Sub(circuit.Constant(shift.Type, shiftMaxLeft), shift)))
}
