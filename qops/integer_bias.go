package qops

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops/number"
)

// IntegerBias rounds a bias to the accumulator's grid, one step per output channel: the quantize node of a bias.
type IntegerBias struct {
	base
	Format number.Format // int:w32,...
	Steps  []float64     // one per channel, or one
	out    Grid
}

// NewIntegerBias adds the codes of a bias.
func NewIntegerBias(b *gorgonia.Node, f number.Format, steps []float64) *gorgonia.Node {
	return apply(&IntegerBias{base: newBase("quantize", "out", b.Shape(), b), Format: f, Steps: steps}, b)
}

// Do implements gorgonia.Op.
func (o *IntegerBias) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *IntegerBias) Run(c *Call) error {
	if o.out.Codes == nil {
		scales := number.Scales{Blocks: number.Blocks{Count: len(o.Steps), Inner: 1}, Step: o.Steps}
		o.out = Grid{Format: o.Format, Scales: scales, Codes: NewArray(tensor.Float64, c.Out.Shape)}
	}
	c.Out.Grid = &o.out
	for i := range o.out.Codes.F64 {
		step := o.Steps[i%len(o.Steps)]
		var x float64
		if c.Out.F64 != nil {
			x = c.In[0].F64[i]
		} else {
			x = float64(c.In[0].F32[i])
		}
		code, _ := o.Format.Round(x, step, 0, 0)
		o.out.Codes.F64[i] = float64(code)
		if c.Out.F64 != nil {
			c.Out.F64[i] = float64(code) * step
		} else {
			c.Out.F32[i] = float32(float64(code) * step)
		}
	}
	return nil
}
