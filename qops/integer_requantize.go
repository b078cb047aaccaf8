package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// Requantize is the quantize node of an integer layer: accumulator -> code by the target's rule, output zero point,
// clamp. A ReLU is a clamp whose lower bound is the zero point.
type Requantize struct {
	base
	Grid        CodeGrid
	Rule        requant.Rule
	Multipliers []requant.Multiplier // per output channel, or one
	out         Grid
}

// NewRequantize adds the requantization of an IntegerSum node.
func NewRequantize(sum *gorgonia.Node, g CodeGrid, rule requant.Rule) (*gorgonia.Node, error) {
	s, ok := sum.Op().(*IntegerSum)
	if !ok {
		return nil, errors.Errorf("qops: requantization of %v, which is no integer sum", sum)
	}
	op := &Requantize{base: newBase(s.Kind(), "out", sum.Shape(), sum), Grid: g, Rule: rule}
	for _, scale := range s.Scales.Step {
		m, err := rule.Multiplier(scale / g.Scale)
		if err != nil {
			return nil, err
		}
		op.Multipliers = append(op.Multipliers, m)
	}
	return apply(op, sum), nil
}

// Do implements gorgonia.Op.
func (o *Requantize) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Arithmetic implements Integer.
func (o *Requantize) Arithmetic() (kernel, certificate string) {
	return "requantize, " + o.Rule.Name(), ""
}

// Run implements Op.
func (o *Requantize) Run(c *Call) error {
	sums, err := codesIn(c.In[0])
	if err != nil {
		return err
	}
	offsets := integerOutput(c, &o.out, o.Grid)
	channels, inner := o.shape[1], size(o.shape[2:])
	parallel.For(len(offsets), grain, c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m := o.Multipliers[(i/inner)%channels%len(o.Multipliers)]
			code := requant.Clamp(o.Rule.Apply(int64(sums[i]), m)+int64(o.Grid.Zero), int64(o.Grid.Lo), int64(o.Grid.Hi))
			store(c, offsets, o.Grid, i, int32(code))
		}
	})
	return nil
}
