package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// Field says which run-time register a write goes to.
type Field uint8

// The run-time registers, with their numbers on the port write_field. The first three belong to a column (multiplier and
// shift only when the target's scales are per channel), the others to all.
const (
	FieldBias Field = iota
	FieldMultiplier
	FieldShift
	FieldZeroPoint
	FieldClampLow
	FieldClampHigh
	fieldCount
)

// Fields lists the fields that the datapath has.
func (p *Parameters) Fields() []Field {
	fields := []Field{FieldBias, FieldShift, FieldZeroPoint}
	if p.HasMultiplier() {
		fields = append(fields, FieldMultiplier)
	}
	if p.Clamp {
		fields = append(fields, FieldClampLow, FieldClampHigh)
	}
	return fields
}

// FieldType is the type of a field's value.
func (p *Parameters) FieldType(f Field) circuit.Type {
	switch f {
	case FieldBias:
		return p.Accumulator
	case FieldMultiplier:
		return p.Multiplier
	case FieldShift:
		return p.Shift
	default:
		return p.Activation
	}
}

// PerColumn tells whether each column has its own register for the field.
func (p *Parameters) PerColumn(f Field) bool {
	switch f {
	case FieldBias:
		return true
	case FieldMultiplier, FieldShift:
		return p.PerChannel
	default:
		return false
	}
}

// registers holds the run-time registers. write_data carries a value in its low bits.
func (p *Parameters) registers() *circuit.Module {
	m := circuit.NewModule("Registers",
		"The run-time registers. write_field: 0 bias, 1 multiplier, 2 shift, 3 zero point, 4 lower and 5 upper clamp bound. "+
			"They have no reset: write all before the first beat.")
	write := m.Input("write", circuit.Bit, "a write is accepted")
	var column *circuit.Expr
	if bits := circuit.IndexBits(p.Columns()); bits > 0 {
		column = m.Input("write_column", circuit.Unsigned(bits), "")
	}
	field := m.Input("write_field", circuit.Unsigned(circuit.IndexBits(int(fieldCount))), "")
	data := m.Input("write_data", p.writeData(), "")
	for _, f := range p.Fields() {
		here := m.Wire("write_"+f.String(), circuit.And(write, circuit.Equal(field, circuit.Constant(field.Type, int64(f)))))
		value := fromBits(data, p.FieldType(f))
		if !p.PerColumn(f) {
			r := m.Register(f.String()+"_register", p.FieldType(f), "")
			m.Drive(r, value, here)
			m.Output(f.String(), r, "")
			continue
		}
		for c := range p.Columns() {
			enable := here
			if column != nil {
				enable = circuit.And(here, circuit.Equal(column, circuit.Constant(column.Type, int64(c))))
			}
			r := m.Register(fmt.Sprintf("%v_register_%d", f, c), p.FieldType(f), "")
			m.Drive(r, value, enable)
			m.Output(fmt.Sprintf("%v_%d", f, c), r, "")
		}
	}
	return m
}

// writeData is the type of the port that carries values to the registers.
func (p *Parameters) writeData() circuit.Type {
	width := 0
	for _, f := range p.Fields() {
		width = max(width, p.FieldType(f).Width)
	}
	return circuit.Unsigned(width)
}

// fromBits reads the low bits of a named unsigned signal as a value of type t.
func fromBits(data *circuit.Expr, t circuit.Type) *circuit.Expr {
	bits := circuit.Slice(data, t.Width-1, 0)
	if t.Kind == circuit.KindSigned {
		return circuit.AsSigned(bits)
	}
	return bits
}

// String is the field's name in signals.
func (f Field) String() string {
	return [...]string{"bias", "multiplier", "shift", "zero_point", "clamp_low", "clamp_high"}[f]
}
