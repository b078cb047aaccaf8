package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// tfliteSingle is requant's tflite.single:
//
//	y = low 32 bits of (acc*M + 2^(t-1)) >> t,  t = 31 - Shift
//
// The sum is floor + half of acc*M cut by t bits, as the 1 that the constant adds is the half bit's carry. t >= 1.
var tfliteSingle = rule{
	scale: multiply,
	round: func(m *circuit.Module, scaled *circuit.Expr, r ruleInputs) *circuit.Expr {
		const keep = 32
		c := split(m, shiftToHalf(m, scaled, rightLessOne(m, r.shift)), keep)
		return c.roundUp(m, c.tiesUp())
	},
}

// multiply is total * multiplier, exact.
func multiply(m *circuit.Module, r ruleInputs) *circuit.Expr {
	factor := m.Wire("factor", circuit.AsSigned(circuit.Extend(r.multiplier, r.multiplier.Type.Width+1)))
	return m.Wire("scaled_next", circuit.Mul(r.total, factor))
}

// rightLessOne is t - 1 = 30 - Shift, for rules in TFLite's convention: with t = 31 - Shift >= 1 it is not negative.
func rightLessOne(m *circuit.Module, shift *circuit.Expr) *circuit.Expr {
	return m.Wire("right", circuit.AsUnsigned(circuit.Sub(circuit.Constant(shift.Type, 30), shift)))
}
