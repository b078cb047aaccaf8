package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// IntegerAdd is LiteRT's int8 ADD of two tensors of different scales: requant.Add.
type IntegerAdd struct {
	base
	Grid     CodeGrid
	Operands [2]CodeGrid
	Add      *requant.Add
	out      Grid
}

// NewIntegerAdd adds the sum of two tensors on codes.
func NewIntegerAdd(a, b *gorgonia.Node, ga, gb, g CodeGrid, rule requant.Rule) (*gorgonia.Node, error) {
	if !a.Shape().Eq(b.Shape()) {
		return nil, errors.Errorf("qops: integer add of shapes %v and %v", a.Shape(), b.Shape())
	}
	add, err := requant.NewAdd(rule, ga.Affine, gb.Affine, g.Affine, g.Lo, g.Hi)
	if err != nil {
		return nil, err
	}
	op := &IntegerAdd{base: newBase("add", "out", a.Shape(), a, b), Grid: g, Operands: [2]CodeGrid{ga, gb}, Add: add}
	return apply(op, a, b), nil
}

// Do implements gorgonia.Op.
func (o *IntegerAdd) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Arithmetic implements Integer.
func (o *IntegerAdd) Arithmetic() (kernel, certificate string) { return "add codes", "" }

// Run implements Op.
func (o *IntegerAdd) Run(c *Call) error {
	a, err := codesIn(c.In[0])
	if err != nil {
		return err
	}
	b, err := codesIn(c.In[1])
	if err != nil {
		return err
	}
	offsets := integerOutput(c, &o.out, o.Grid)
	za, zb := o.Operands[0].Zero, o.Operands[1].Zero
	parallel.For(len(offsets), grain, c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			store(c, offsets, o.Grid, i, o.Add.Apply(int32(a[i])+za, int32(b[i])+zb))
		}
	})
	return nil
}

// IntegerMean is LiteRT's int8 average pool over all positions of a channel: requant.Mean. Input and output share
// their grid.
type IntegerMean struct {
	base
	Grid CodeGrid
	// Height and Width are the positions of a channel; a flattened channel has Width 1.
	Height, Width int
	out           Grid
}

// NewIntegerMean adds the mean over the last axis (or axes) of x, after the first two.
func NewIntegerMean(x *gorgonia.Node, g CodeGrid) *gorgonia.Node {
	s := x.Shape()
	op := &IntegerMean{base: newBase("avgpool", "out", s[:2], x), Grid: g, Height: s[2], Width: 1}
	if len(s) > 3 {
		op.Width = s[3]
	}
	return apply(op, x)
}

// Do implements gorgonia.Op.
func (o *IntegerMean) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Arithmetic implements Integer.
func (o *IntegerMean) Arithmetic() (kernel, certificate string) { return "average codes", "" }

// Run implements Op.
func (o *IntegerMean) Run(c *Call) error {
	x, err := codesIn(c.In[0])
	if err != nil {
		return err
	}
	offsets := integerOutput(c, &o.out, o.Grid)
	count := o.Height * o.Width
	for i := range offsets {
		sum := int64(0)
		for _, v := range x[i*count : (i+1)*count] {
			sum += int64(v) + int64(o.Grid.Zero)
		}
		code := requant.Clamp(requant.Mean(sum, int64(count)), int64(o.Grid.Lo), int64(o.Grid.Hi))
		store(c, offsets, o.Grid, i, int32(code))
	}
	return nil
}
