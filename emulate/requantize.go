package emulate

import (
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/pkg/errors"
)

// Requantize brings codes to another scale, zero point or range, as LiteRT's QUANTIZE of an int8 tensor and its int8 RELU
// do; a ReLU that is not fused is a Requantize with Lo raised to the zero point:
//
//	y = clamp(rule(code - Zero_in, s_in/s_out) + Zero, Lo, Hi)
//
// Source: tensorflow/lite/kernels/internal/reference/requantize.h and activations.cc.
type Requantize struct{}

var _ Op = (*Requantize)(nil)

// Kind is "requantize".
func (*Requantize) Kind() string { return "requantize" }

func (*Requantize) arity() int { return 1 }

func (*Requantize) shape(inputs [][]int) ([]int, error) { return inputs[0], nil }

func (*Requantize) compile(s *scope) (step, error) {
	in, out := s.inputs[0], s.layer.Output
	multiplier, err := s.rule.Multiplier(in.Scale / out.Scale)
	if err != nil {
		return nil, errors.Wrap(err, "input scale / output scale")
	}
	return &requantizeStep{s.rule, multiplier, int64(in.Zero), out}, nil
}

type requantizeStep struct {
	rule       requant.Rule
	multiplier requant.Multiplier
	zero       int64
	output     Output
}

func (s *requantizeStep) run(c *call) int64 {
	for i, code := range c.in[0] {
		c.out[i] = s.output.clamp(s.rule.Apply(int64(code)-s.zero, s.multiplier) + int64(s.output.Zero))
	}
	return 0
}
