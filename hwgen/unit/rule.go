package unit

import (
	"maps"
	"slices"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// rule is the hardware of a requantization rule: package requant's function of the same name as two steps of
// combinational logic, between which registers may stand. What the steps compute is exactly what Apply returns.
type rule struct {
	// scale multiplies or shifts the accumulator without rounding.
	scale func(m *circuit.Module, r ruleInputs) *circuit.Expr
	// round brings the scaled value to an integer, signed.
	round func(m *circuit.Module, scaled *circuit.Expr, r ruleInputs) *circuit.Expr
}

// ruleInputs are named signals. shift and multiplier are run-time registers, which do not change while values are inside.
type ruleInputs struct {
	total, multiplier, shift *circuit.Expr
}

// rules are the rules that have hardware, by the names of package requant.
var rules = map[string]rule{
	"tflite.single": tfliteSingle,
	"tflite.double": tfliteDouble,
	"xnnpack.rndnu": xnnpackNearestUp,
	"xnnpack.rndna": xnnpackNearestAway,
	"shift.rne":     shiftNearestEven,
	"shift.rna":     shiftNearestAway,
	"shift.rnu":     shiftNearestUp,
	"shift.floor":   shiftFloor,
}

func ruleNames() []string { return slices.Sorted(maps.Keys(rules)) }

// cut is a value whose lowest bits are cut off. Every rounding is a function of what is left and of two bits.
type cut struct {
	floor *circuit.Expr // floor(value / 2^n), signed
	half  *circuit.Expr // the highest bit that was cut off; false for n = 0
	rest  *circuit.Expr // whether any bit below half is set
}

// shiftToHalf shifts a value right until the half bit is its lowest bit. The caller gives right = n - 1, or for n that may
// be 0 a value with a 0 appended and right = n.
func shiftToHalf(m *circuit.Module, value, right *circuit.Expr) *circuit.Expr {
	return m.Wire("shifted", circuit.ShiftRight(value, right))
}

// restBelow tells whether any of the lowest right bits of value is set: those below half.
func restBelow(m *circuit.Module, value, right *circuit.Expr) *circuit.Expr {
	one := circuit.Constant(circuit.Unsigned(value.Type.Width), 1)
	// 2^right - 1; all ones when right is the width or more.
	mask := m.Wire("rest_mask", circuit.Sub(circuit.ShiftLeft(one, right), one))
	bits := m.Wire("rest_bits", circuit.And(circuit.AsUnsigned(value), mask))
	return m.Wire("rest", circuit.Not(circuit.Equal(bits, circuit.Constant(bits.Type, 0))))
}

// split reads what shiftToHalf left: bits keep..1 are the floor, bit 0 is half.
func split(m *circuit.Module, shifted *circuit.Expr, keep int) cut {
	return cut{
		floor: m.Wire("floor", circuit.AsSigned(circuit.Slice(shifted, keep, 1))),
		half:  m.Wire("half", circuit.IsSet(shifted, 0)),
	}
}

// roundUp is floor + 1 where up holds, else floor.
func (c cut) roundUp(m *circuit.Module, up *circuit.Expr) *circuit.Expr {
	one, zero := circuit.Constant(c.floor.Type, 1), circuit.Constant(c.floor.Type, 0)
	return m.Wire("rounded_next", circuit.Add(c.floor, circuit.Mux(up, one, zero)))
}

// The conditions under which each rounding to nearest goes up.
func (c cut) tiesUp() *circuit.Expr { return c.half }

func (c cut) tiesToEven() *circuit.Expr {
	return circuit.And(c.half, circuit.Or(c.rest, circuit.IsSet(c.floor, 0)))
}

func (c cut) tiesAway() *circuit.Expr {
	negative := circuit.IsSet(c.floor, c.floor.Type.Width-1)
	return circuit.And(c.half, circuit.Or(c.rest, circuit.Not(negative)))
}
