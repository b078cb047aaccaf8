package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// tfliteDouble is requant's tflite.double:
//
//	x = low 32 bits of acc << max(Shift, 0)
//	h = low 32 bits of (x*M + 2^30) >> 31      ties up
//	y = h / 2^max(-Shift, 0)                   ties away from zero
//
// M has 31 bits, so the one product that the reference saturates, of two times INT_MIN, does not occur.
var tfliteDouble = rule{
	scale: func(m *circuit.Module, r ruleInputs) *circuit.Expr {
		top := r.shift.Type.Width - 1
		magnitude := circuit.Slice(r.shift, top-1, 0)
		none := circuit.Constant(magnitude.Type, 0)
		left := m.Wire("left", circuit.Mux(circuit.IsSet(r.shift, top), none, magnitude))
		r.total = m.Wire("shifted_total", circuit.ShiftLeft(circuit.Extend(r.total, 32), left))
		return multiply(m, r)
	},
	round: func(m *circuit.Module, scaled *circuit.Expr, r ruleInputs) *circuit.Expr {
		sum := m.Wire("scaled_plus_half", circuit.Add(scaled, circuit.Constant(scaled.Type, 1<<30)))
		high := m.Wire("high", circuit.AsSigned(circuit.Slice(sum, 62, 31)))

		top := r.shift.Type.Width - 1
		negated := m.Wire("shift_negated", circuit.Sub(circuit.Constant(r.shift.Type, 0), r.shift))
		none := circuit.Constant(circuit.Unsigned(top), 0)
		right := m.Wire("right", circuit.Mux(circuit.IsSet(r.shift, top), circuit.Slice(negated, top-1, 0), none))
		extended := m.Wire("extended", circuit.AsSigned(circuit.Concat(high, circuit.Constant(circuit.Unsigned(1), 0))))
		c := split(m, shiftToHalf(m, extended, right), 32)
		c.rest = restBelow(m, extended, right)
		return c.roundUp(m, c.tiesAway())
	},
}
