package unit

import "github.com/halftone-go/halftone/hwgen/circuit"

// xnnpackKeep is the width of the rounded product: |acc*M| < 2^55 and t >= 24, so it lies in -2^31 .. 2^31.
const xnnpackKeep = 33

// xnnpackNearestUp is requant's xnnpack.rndnu: (acc*M + 2^(t-1)) >> t, t = 31 - Shift, all bits kept.
var xnnpackNearestUp = rule{
	scale: multiply,
	round: func(m *circuit.Module, scaled *circuit.Expr, r ruleInputs) *circuit.Expr {
		c := split(m, shiftToHalf(m, scaled, rightLessOne(m, r.shift)), xnnpackKeep)
		return c.roundUp(m, c.tiesUp())
	},
}

// xnnpackNearestAway is requant's xnnpack.rndna: the same with ties away from zero.
var xnnpackNearestAway = rule{
	scale: multiply,
	round: func(m *circuit.Module, scaled *circuit.Expr, r ruleInputs) *circuit.Expr {
		right := rightLessOne(m, r.shift)
		c := split(m, shiftToHalf(m, scaled, right), xnnpackKeep)
		c.rest = restBelow(m, scaled, right)
		return c.roundUp(m, c.tiesAway())
	},
}
