// Package circuittest holds circuits that the emitters' tests share.
package circuittest

import "github.com/halftone-go/halftone/hwgen/circuit"

// Every is a module with every operation and every kind of signal.
func Every() *circuit.Module {
	inner := circuit.NewModule("Inner", "Holds a value.")
	in := inner.Input("value", circuit.Signed(4), "")
	inner.Output("held_out", inner.Pipe("held", in, 1, inner.Input("enable", circuit.Bit, "")), "")
	inner.Output("spare", circuit.Constant(circuit.Bit, 1), "")

	m := circuit.NewModule("Every", "Has every operation.")
	a, b := m.Input("a", circuit.Signed(4), "an operand"), m.Input("b", circuit.Signed(4), "")
	u := m.Input("u", circuit.Unsigned(4), "")
	state := m.ResetRegister("state", circuit.Unsigned(4), 3, "a register with reset")
	free := m.ResetRegister("free", circuit.Bit, 0, "a register with reset and without enable")
	plain := m.Register("plain", circuit.Bit, "a register with neither")
	later := m.ForwardWire("later", circuit.Signed(4))
	instance := m.Instance("inner", inner, map[string]*circuit.Expr{"value": later, "enable": circuit.Or(free, plain)})
	held := instance.Output("held_out")
	m.Drive(later, circuit.Sub(a, held), nil)
	m.Drive(state, circuit.Add(state, u), circuit.Less(a, b))
	m.Drive(free, circuit.Not(free), nil)
	m.Drive(plain, circuit.Equal(u, state), nil)
	product := m.Wire("product", circuit.Mul(a, b))
	m.Output("product_out", product, "")
	m.Output("product_unsigned", circuit.Mul(u, circuit.Constant(circuit.Unsigned(2), 3)), "")
	m.Output("shifts", circuit.Add(circuit.ShiftRight(a, u), circuit.ShiftLeft(circuit.Add(a, b), u)), "")
	m.Output("shift_unsigned", circuit.ShiftRight(circuit.And(u, state), u), "")
	m.Output("chosen", circuit.Mux(circuit.Less(u, state), circuit.Constant(circuit.Signed(4), -8), circuit.Not(a)), "")
	m.Output("joined", circuit.Concat(circuit.Slice(product, 6, 5), circuit.IsSet(a, 3)), "")
	m.Output("wide", circuit.Extend(a, 6), "")
	m.Output("wide_unsigned", circuit.AsSigned(circuit.Extend(u, 6)), "")
	m.Output("later_out", later, "")
	m.Output("big", circuit.Constant(circuit.Signed(40), -1<<35), "")
	m.Output("as_bit", circuit.Mux(circuit.IsSet(u, 0), circuit.AsUnsigned(circuit.Not(free)), circuit.Slice(u, 1, 1)), "")
	return m
}
