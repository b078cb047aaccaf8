package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// The integer ops compute on codes as int8 hardware does; their tensors carry the codes, less their zero points, in
// Grid.Codes, and as values what the codes stand for. They have no gradient.

// Integer is implemented by ops on codes. Arithmetic says how they compute and why that is exact.
type Integer interface {
	Arithmetic() (kernel, certificate string)
}

var (
	_ Integer = (*IntegerInput)(nil)
	_ Integer = (*IntegerSum)(nil)
	_ Integer = (*Requantize)(nil)
	_ Integer = (*IntegerAdd)(nil)
	_ Integer = (*IntegerMean)(nil)
)

// CodeGrid is the grid of a tensor of an integer op: one scale and zero point, and the range of the codes.
type CodeGrid struct {
	requant.Affine
	Lo, Hi int32
	Format number.Format
}

// scales returns the grid as the scales of a tensor in one block.
func (g CodeGrid) scales(size int) number.Scales {
	return number.Scales{Blocks: number.Blocks{Count: 1, Inner: size}, Step: []float64{g.Scale}, Zero: []int32{g.Zero}}
}

// integerOutput prepares the output of an integer op.
func integerOutput(c *Call, grid *Grid, g CodeGrid) []float64 {
	if grid.Codes == nil {
		grid.Codes = NewArray(tensor.Float64, c.Out.Shape)
		grid.Format, grid.Scales = g.Format, g.scales(c.Out.Size())
	}
	c.Out.Grid = grid
	return grid.Codes.F64
}

// store sets element i of the output to a code.
func store(c *Call, offsets []float64, g CodeGrid, i int, code int32) {
	offset := float64(code) - float64(g.Zero)
	offsets[i] = offset
	if c.Out.F64 != nil {
		c.Out.F64[i] = offset * g.Scale
	} else {
		c.Out.F32[i] = float32(offset * g.Scale)
	}
}

// codesIn returns the codes, less their zero points, of an operand.
func codesIn(x *Array) ([]float64, error) {
	if x.Grid == nil || x.Grid.Codes == nil {
		return nil, errors.New("qops: an integer op needs an operand with codes")
	}
	return x.Grid.Codes.F64, nil
}

// IntegerInput is LiteRT's affine quantization of a float input: requant.AffineQuantize.
type IntegerInput struct {
	base
	Grid CodeGrid
	out  Grid
}

// NewIntegerInput adds the quantization of x to codes.
func NewIntegerInput(x *gorgonia.Node, g CodeGrid) *gorgonia.Node {
	return apply(&IntegerInput{base: newBase("quantize", "out", x.Shape(), x), Grid: g}, x)
}

// Do implements gorgonia.Op.
func (o *IntegerInput) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Arithmetic implements Integer.
func (o *IntegerInput) Arithmetic() (kernel, certificate string) { return "quantize to codes", "" }

// Run implements Op.
func (o *IntegerInput) Run(c *Call) error {
	offsets := integerOutput(c, &o.out, o.Grid)
	parallel.For(len(offsets), grain, c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			var x float32
			if c.In[0].F64 != nil {
				x = float32(c.In[0].F64[i])
			} else {
				x = c.In[0].F32[i]
			}
			store(c, offsets, o.Grid, i, requant.AffineQuantize(x, float32(o.Grid.Scale), o.Grid.Zero, o.Grid.Lo, o.Grid.Hi))
		}
	})
	return nil
}
