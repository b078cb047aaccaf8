package unit

import (
	"fmt"

	"github.com/halftone-go/halftone/hwgen/circuit"
)

// requantizer brings one total to a code: the rule's scale and round, then
//
//	code = clamp(rounded + zero_point, clamp_low, clamp_high)     with clamp
//	code = low bits of rounded + zero_point                       without
//
// Pipeline.Requantize registers stand in it, each with an enable step_i of its own: one behind the code, the next behind
// the scaling, the next behind the rounding, and all others behind the scaling, where synthesis may move them into the
// multiplier.
func (p *Parameters) requantizer() *circuit.Module {
	m := circuit.NewModule("Requantizer", fmt.Sprintf(
		"Brings a total to a code in %d stages: scale, round, add the zero point, limit.", p.Pipeline.Requantize))
	stages := newStages(m, p.Pipeline.Requantize)
	r := ruleInputs{total: m.Input("total", p.Accumulator, "")}
	if p.HasMultiplier() {
		r.multiplier = m.Input("multiplier", p.Multiplier, "")
	}
	r.shift = m.Input("shift", p.Shift, "")
	zero := m.Input("zero_point", p.Activation, "")

	n := p.Pipeline.Requantize
	behindCode, behindRound := min(n, 1), min(max(n-2, 0), 1)
	scaled := stages.registers("scaled", p.rule.scale(m, r), n-behindRound-behindCode)
	rounded := stages.registers("rounded", p.rule.round(m, scaled, r), behindRound)
	wide := rounded.Type.Width + 2 // room for an unsigned zero point
	sum := m.Wire("sum", circuit.Add(circuit.Extend(rounded, wide), p.widened(m, "zero_point_signed", zero, wide)))
	var code *circuit.Expr
	if p.Clamp {
		low := p.widened(m, "clamp_low_signed", m.Input("clamp_low", p.Activation, ""), wide)
		high := p.widened(m, "clamp_high_signed", m.Input("clamp_high", p.Activation, ""), wide)
		code = m.Wire("limited", circuit.Mux(circuit.Less(sum, low), low, circuit.Mux(circuit.Less(high, sum), high, sum)))
	} else {
		code = sum
	}
	bits := circuit.Slice(code, p.Activation.Width-1, 0)
	if p.Activation.Kind == circuit.KindSigned {
		bits = circuit.AsSigned(bits)
	}
	m.Output("code", stages.registers("code_held", bits, behindCode), "")
	return m
}

// widened is an operand as a signed value of the given width.
func (p *Parameters) widened(m *circuit.Module, name string, a *circuit.Expr, width int) *circuit.Expr {
	return m.Wire(name, circuit.AsSigned(circuit.Extend(a, width)))
}

// stages hands out the registers of a pipeline in order.
type stages struct {
	m     *circuit.Module
	steps []*circuit.Expr
	used  int
}

func newStages(m *circuit.Module, n int) *stages {
	s := &stages{m: m}
	for i := range n {
		s.steps = append(s.steps, m.Input(fmt.Sprintf("step_%d", i+1), circuit.Bit, "stage takes the value before it"))
	}
	return s
}

// registers sends a value through the next n stages and gives it a name.
func (s *stages) registers(name string, value *circuit.Expr, n int) *circuit.Expr {
	for i := 1; i <= n; i++ {
		stage := name
		if n > 1 {
			stage = fmt.Sprintf("%s_%d", name, i)
		}
		value = s.m.Pipe(stage, value, 1, s.steps[s.used])
		s.used++
	}
	return s.m.Named(name, value)
}
