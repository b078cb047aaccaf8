package unit

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Parameters are what a target says, in the terms of circuits.
type Parameters struct {
	Activation  circuit.Type // also the type of the output codes
	Weight      circuit.Type
	Product     circuit.Type // the narrowest signed type that holds every product
	Accumulator circuit.Type
	Saturate    bool // the accumulator saturates at each addition; otherwise it wraps
	Multiplier  circuit.Type
	Shift       circuit.Type
	PerChannel  bool // each column has a multiplier and a shift of its own
	Clamp       bool
	Array       target.Array
	Pipeline    target.Pipeline
	rule        rule
}

// HasMultiplier tells whether the rule multiplies; the shift rules do not.
func (p *Parameters) HasMultiplier() bool { return p.Multiplier.Width > 0 }

// Columns is the number of output channels that the datapath computes at a time.
func (p *Parameters) Columns() int {
	if p.Array.Kind == target.Dot {
		return 1
	}
	return p.Array.Columns
}

// Terms is the number of products that enter one output in one beat.
func (p *Parameters) Terms() int {
	if p.Array.Kind == target.Dot {
		return p.Array.Lanes
	}
	return p.Array.Rows
}

// RingLength is the number of partial sums that run in the ring of a weight-stationary column, hence of beats for which
// a tile of weights stays: the registers between the top of a column and its bottom.
func (p *Parameters) RingLength() int { return p.Array.Rows * p.Pipeline.Add }

// NewParameters reads a target. It is an error if no circuit can be built for it.
func NewParameters(t *target.Target) (*Parameters, error) {
	definition, err := requant.Get(t.Requantization)
	if err != nil {
		return nil, errors.Wrapf(err, "target %s: requantization", t.Name)
	}
	hardware, ok := rules[t.Requantization]
	if !ok {
		return nil, errors.Errorf("target %s: requantization: %s has no hardware; choose one of %v", t.Name, t.Requantization, ruleNames())
	}
	width, product := t.Accumulator.Width(), t.Operands.ProductBits()
	info := definition.Info()
	switch {
	case t.Accumulator.Kind() != "acc":
		return nil, errors.Errorf("target %s: accumulator: %v is no accumulator; write acc:w32,wrap or acc:w32,sat", t.Name, t.Accumulator)
	case width < product:
		return nil, errors.Errorf("target %s: accumulator: %v is narrower than one product, which has %d bits; write acc:w%d,%v or wider",
			t.Name, t.Accumulator, product, product, t.Accumulator.Overflow())
	case width > info.AccumulatorBits:
		return nil, errors.Errorf("target %s: accumulator: %v is wider than the %d bits that %s takes", t.Name, t.Accumulator, info.AccumulatorBits, t.Requantization)
	case t.Array.Kind == target.WeightStationary && t.Pipeline.Add < 1:
		return nil, errors.Errorf("target %s: pipeline: add: 0 leaves no place for the partial sums of a weight-stationary array; write add: 1 or more", t.Name)
	case t.Array.Kind == target.WeightStationary && (t.Array.Rows < 1 || t.Array.Columns < 1), t.Array.Kind == target.Dot && t.Array.Lanes < 1:
		return nil, errors.Errorf("target %s: array: a size is below 1", t.Name)
	case t.Array.Kind != target.WeightStationary && t.Array.Kind != target.Dot:
		return nil, errors.Errorf("target %s: array: kind %q is unknown; write %s or %s", t.Name, t.Array.Kind, target.WeightStationary, target.Dot)
	}
	p := &Parameters{
		Activation:  operandType(t.Operands.Activation),
		Weight:      operandType(t.Operands.Weight),
		Product:     circuit.Signed(product),
		Accumulator: circuit.Signed(width),
		Saturate:    t.Accumulator.Overflow() == number.Saturate,
		Shift:       circuit.Signed(signedBits(info.MinShift, info.MaxShift)),
		PerChannel:  t.Scales == target.PerChannel,
		Clamp:       t.Clamp,
		Array:       t.Array,
		Pipeline:    t.Pipeline,
		rule:        hardware,
	}
	if info.MultiplierBits > 0 {
		p.Multiplier = circuit.Unsigned(info.MultiplierBits)
	}
	return p, nil
}

func operandType(o target.Operand) circuit.Type {
	if o.Signed {
		return circuit.Signed(o.Width)
	}
	return circuit.Unsigned(o.Width)
}

// signedBits is the two's complement width that holds lo..hi.
func signedBits(lo, hi int) int {
	for bits := 1; ; bits++ {
		if t := circuit.Signed(bits); t.Contains(int64(lo)) && t.Contains(int64(hi)) {
			return bits
		}
	}
}
