package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// delays makes delay lines, one module for each width and length, and none for length 0.
type delays map[delayShape]*circuit.Module

type delayShape struct {
	of     circuit.Type
	length int
}

// of is value length beats later.
func (d delays) of(m *circuit.Module, name string, value *circuit.Expr, length int, advance *circuit.Expr) *circuit.Expr {
	if length == 0 {
		return value
	}
	shape := delayShape{value.Type, length}
	if d[shape] == nil {
		d[shape] = delay(shape)
	}
	line := m.Instance(name, d[shape], map[string]*circuit.Expr{"advance": advance, "value": value})
	return line.Output("delayed")
}

func delay(shape delayShape) *circuit.Module {
	kind := map[circuit.Kind]string{circuit.KindBit: "Bit", circuit.KindSigned: "Signed", circuit.KindUnsigned: "Unsigned"}[shape.of.Kind]
	m := circuit.NewModule(fmt.Sprintf("Delay%s%dBy%d", kind, shape.of.Width, shape.length),
		fmt.Sprintf("A value %d beats later.", shape.length))
	advance := m.Input("advance", circuit.Bit, "one beat")
	value := m.Input("value", shape.of, "")
	m.Output("delayed", m.Pipe("stage", value, shape.length, advance), "")
	return m
}
