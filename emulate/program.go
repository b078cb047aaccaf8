package emulate

import (
	"math"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/pkg/errors"
)

// Program is a network on codes. Its layers are in an order in which each one comes after its inputs; the last one is the
// output. Programs are filled by hand, by a lowering or by [Load]; [Program.Validate] says what is wrong with one.
type Program struct {
	Target *target.Target
	Input  []int // shape of one image: (channels, height, width), or (features)
	Layers []Layer
}

// Layer is one step of a program.
type Layer struct {
	Name   string   // unique in the program
	Op     Op       // what it computes: *Quantize, *Conv, *Dense, *Add, *AveragePool, *MaxPool, *Requantize or *Reshape
	Inputs []string // names of earlier layers; none for Quantize, two for Add, one for all others
	Output Output
}

// Output says which values the codes of a layer stand for, value = (code - Zero) * Scale, and which codes there are.
// Pools and Reshape keep Scale and Zero of their input.
type Output struct {
	Scale  float64
	Zero   int32
	Lo, Hi int32 // bounds of the clamp: the range of the target's activations, or less with a fused activation
}

// NewOutput returns the output of a layer on a target. With relu, codes below the zero point are clamped to it.
func NewOutput(t *target.Target, scale float64, zero int32, relu bool) Output {
	lo, hi := t.Operands.Activation.Range()
	o := Output{Scale: scale, Zero: zero, Lo: int32(lo), Hi: int32(hi)}
	if relu {
		o.Lo = max(o.Lo, zero)
	}
	return o
}

func (o Output) affine() requant.Affine { return requant.Affine{Scale: o.Scale, Zero: o.Zero} }

func (o Output) clamp(v int64) int16 {
	return int16(requant.Clamp(v, int64(o.Lo), int64(o.Hi)))
}

// check refuses an output that the target's activations cannot hold.
func (o Output) check(activation target.Operand) error {
	lo, hi := activation.Range()
	switch {
	case !positive(o.Scale):
		return errors.Errorf("output scale %v is not a positive finite number", o.Scale)
	case int64(o.Zero) < lo || int64(o.Zero) > hi:
		return errors.Errorf("output zero point %d is no %v", o.Zero, activation)
	case o.Lo > o.Hi || int64(o.Lo) < lo || int64(o.Hi) > hi:
		return errors.Errorf("output bounds %d to %d are no range of %v", o.Lo, o.Hi, activation)
	}
	return nil
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

// Validate reports the first thing that keeps the program from being run. The error names the layer.
func (p *Program) Validate() error {
	_, err := NewInterpreter(p)
	return err
}
