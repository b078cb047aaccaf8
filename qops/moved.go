package qops

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops/number"
)

// moved is what ops share that only move values: they inherit the format of their operand and get no quantize node.
type moved struct{ base }

// Moves implements Op.
func (m *moved) Moves() bool { return true }

var _ SampleRunner = (*Reshape)(nil)

// Reshape gives the same elements, in the same order, another shape.
type Reshape struct{ moved }

// NewReshape adds x with another shape of as many elements.
func NewReshape(x *gorgonia.Node, shape []int) (*gorgonia.Node, error) {
	if size(shape) != size(x.Shape()) {
		return nil, errors.Errorf("qops: reshape of %v to %v", x.Shape(), shape)
	}
	return apply(&Reshape{moved{newBase("reshape", "out", shape, x)}}, x), nil
}

// Do implements gorgonia.Op.
func (o *Reshape) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Reshape) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *Reshape) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	back, err := NewReshape(grad, in[0].Shape())
	return gorgonia.Nodes{back}, err
}

// Run implements Op. The elements keep their order, and with it their blocks.
func (o *Reshape) Run(c *Call) error {
	c.Out.Grid = c.In[0].Grid
	if sameMemory(c.Out.F32, c.In[0].F32) || sameMemory(c.Out.F64, c.In[0].F64) {
		return nil
	}
	return byType(c,
		func(c *Call) { copy(c.Out.F32, c.In[0].F32) },
		func(c *Call) { copy(c.Out.F64, c.In[0].F64) })
}

// BySample implements SampleRunner, where the first axis stays.
func (o *Reshape) BySample(c *Call) ([]bool, bool) {
	from, to := c.In[0].Shape, c.Out.Shape
	return []bool{true}, len(from) > 1 && len(to) > 1 && from[0] == to[0]
}

// BeginSamples implements SampleRunner.
func (o *Reshape) BeginSamples(c *Call) error {
	c.Out.Grid = c.In[0].Grid
	return nil
}

// RunSamples implements SampleRunner.
func (o *Reshape) RunSamples(c *Call, _ *View, lo, hi int) error {
	stride := c.Out.Size() / c.Out.Shape[0]
	lo, hi = lo*stride, hi*stride
	switch {
	case sameMemory(c.Out.F32, c.In[0].F32) || sameMemory(c.Out.F64, c.In[0].F64):
	case c.Out.F64 != nil:
		copy(c.Out.F64[lo:hi], c.In[0].F64[lo:hi])
	default:
		copy(c.Out.F32[lo:hi], c.In[0].F32[lo:hi])
	}
	return nil
}

// EndSamples implements SampleRunner.
func (o *Reshape) EndSamples(*Call) error { return nil }

// Transpose permutes axes: axis i of the output is axis Pattern[i] of the input.
type Transpose struct {
	moved
	Pattern []int
	grid    Grid
}

// NewTranspose adds x with its axes permuted.
func NewTranspose(x *gorgonia.Node, pattern []int) (*gorgonia.Node, error) {
	if len(pattern) != x.Dims() {
		return nil, errors.Errorf("qops: transpose of %v by %v", x.Shape(), pattern)
	}
	shape := make([]int, len(pattern))
	for i, p := range pattern {
		shape[i] = x.Shape()[p]
	}
	return apply(&Transpose{moved: moved{newBase("transpose", "out", shape, x)}, Pattern: pattern}, x), nil
}

// Do implements gorgonia.Op.
func (o *Transpose) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Transpose) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *Transpose) SymDiff(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	inverse := make([]int, len(o.Pattern))
	for i, p := range o.Pattern {
		inverse[p] = i
	}
	back, err := NewTranspose(grad, inverse)
	return gorgonia.Nodes{back}, err
}

// Run implements Op.
func (o *Transpose) Run(c *Call) error {
	c.Out.Grid = nil
	if g := c.In[0].Grid; g != nil && g.Codes == nil {
		if blocks, ok := o.Blocks(g.Scales.Blocks, c.In[0].Shape); ok {
			o.grid = Grid{Format: g.Format, Scales: number.Scales{Blocks: blocks, Step: g.Scales.Step}}
			c.Out.Grid = &o.grid
		}
	}
	return byType(c, func(c *Call) { transpose[float32](o, c) }, func(c *Call) { transpose[float64](o, c) })
}

// Blocks returns the blocks of the output, for those of an input of the given shape: blocks along an axis move with it.
// It returns false for blocks that lie otherwise.
func (o *Transpose) Blocks(in number.Blocks, shape []int) (number.Blocks, bool) {
	if in.Count <= 1 {
		return in, true
	}
	axis := blockAxis(in, shape)
	for i, p := range o.Pattern {
		if p == axis {
			return number.Blocks{Count: in.Count, Inner: size(o.shape[i+1:])}, true
		}
	}
	return number.Blocks{}, false
}

// oneBlock is the grid that values keep when their order changes: that of a single block, without per-element data.
func oneBlock(g *Grid) *Grid {
	if g == nil || g.Scales.Blocks.Count > 1 || g.Codes != nil {
		return nil
	}
	return &Grid{Format: g.Format, Scales: g.Scales}
}

func transpose[T Float](o *Transpose, c *Call) {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	rank := len(o.Pattern)
	inStride := make([]int, rank)
	stride := 1
	for i := rank - 1; i >= 0; i-- {
		inStride[i] = stride
		stride *= c.In[0].Shape[i]
	}
	index := make([]int, rank)
	at := 0
	for e := range out {
		out[e] = x[at]
		for i := rank - 1; i >= 0; i-- {
			step := inStride[o.Pattern[i]]
			index[i]++
			at += step
			if index[i] < o.shape[i] {
				break
			}
			at -= step * o.shape[i]
			index[i] = 0
		}
	}
}

// Slice takes the indices from Start up to End of one axis.
type Slice struct {
	moved
	Axis, Start, End int
}

// NewSlice adds x[..., start:end, ...] along the axis. Unlike gorgonia.Slice, bounds of 256 and more are safe.
func NewSlice(x *gorgonia.Node, axis, start, end int) (*gorgonia.Node, error) {
	s := x.Shape()
	if axis < 0 || axis >= len(s) || start < 0 || end > s[axis] || start >= end {
		return nil, errors.Errorf("qops: slice [%d:%d] of axis %d of a tensor of shape %v", start, end, axis, s)
	}
	shape := append([]int(nil), s...)
	shape[axis] = end - start
	return apply(&Slice{moved{newBase("slice", "out", shape, x)}, axis, start, end}, x), nil
}

// Do implements gorgonia.Op.
func (o *Slice) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// String implements gorgonia.Op.
func (o *Slice) String() string { return fmt.Sprintf("slice[%d:%d]", o.Start, o.End) }

// DiffWRT implements gorgonia.SDOp.
func (o *Slice) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *Slice) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	op := &Unslice{moved{newBase("slice", "out", in[0].Shape(), grad)}, o.Axis, o.Start, o.End}
	return gorgonia.Nodes{apply(op, grad)}, nil
}

// Run implements Op.
func (o *Slice) Run(c *Call) error {
	c.Out.Grid = oneBlock(c.In[0].Grid)
	return byType(c,
		func(c *Call) { copyAxis(c.Out.F32, c.In[0].F32, c.Out.Shape, c.In[0].Shape, o.Axis, 0, o.Start) },
		func(c *Call) { copyAxis(c.Out.F64, c.In[0].F64, c.Out.Shape, c.In[0].Shape, o.Axis, 0, o.Start) })
}

// Unslice is the gradient of Slice: zeros, with the gradient in its place.
type Unslice struct {
	moved
	Axis, Start, End int
}

// Do implements gorgonia.Op.
func (o *Unslice) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *Unslice) Run(c *Call) error {
	c.Out.Grid = oneBlock(c.In[0].Grid)
	clear(c.Out.F32)
	clear(c.Out.F64)
	return byType(c,
		func(c *Call) { copyAxis(c.Out.F32, c.In[0].F32, c.Out.Shape, c.In[0].Shape, o.Axis, o.Start, 0) },
		func(c *Call) { copyAxis(c.Out.F64, c.In[0].F64, c.Out.Shape, c.In[0].Shape, o.Axis, o.Start, 0) })
}

// copyAxis copies the common run of an axis between two tensors that agree in all other axes.
func copyAxis[T Float](dst, src []T, dstShape, srcShape []int, axis, dstStart, srcStart int) {
	outer, inner := size(dstShape[:axis]), size(dstShape[axis+1:])
	n := min(dstShape[axis]-dstStart, srcShape[axis]-srcStart) * inner
	for i := range outer {
		d := (i*dstShape[axis] + dstStart) * inner
		s := (i*srcShape[axis] + srcStart) * inner
		copy(dst[d:d+n], src[s:s+n])
	}
}

// Concat joins tensors along an axis.
type Concat struct {
	moved
	Axis int
}

// NewConcat adds the tensors one after another along the axis; they agree in all other axes.
func NewConcat(axis int, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	shape := append([]int(nil), xs[0].Shape()...)
	for _, x := range xs[1:] {
		s := x.Shape()
		if len(s) != len(shape) || axis >= len(s) {
			return nil, errors.Errorf("qops: concat of shapes %v and %v along axis %d", shape, s, axis)
		}
		shape[axis] += s[axis]
	}
	return apply(&Concat{moved{newBase("concat", "out", shape, xs...)}, axis}, xs...), nil
}

// Do implements gorgonia.Op.
func (o *Concat) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Concat) DiffWRT(n int) []bool {
	d := make([]bool, n)
	for i := range d {
		d[i] = true
	}
	return d
}

// SymDiff implements gorgonia.SDOp.
func (o *Concat) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	back := make(gorgonia.Nodes, len(in))
	start := 0
	for i, x := range in {
		end := start + x.Shape()[o.Axis]
		var err error
		if back[i], err = NewSlice(grad, o.Axis, start, end); err != nil {
			return nil, err
		}
		start = end
	}
	return back, nil
}

// Run implements Op. The result lies on a grid only if all operands lie on the same one.
func (o *Concat) Run(c *Call) error {
	c.Out.Grid = commonGrid(c.In)
	start := 0
	for _, x := range c.In {
		if c.Out.F64 != nil {
			copyAxis(c.Out.F64, x.F64, c.Out.Shape, x.Shape, o.Axis, start, 0)
		} else {
			copyAxis(c.Out.F32, x.F32, c.Out.Shape, x.Shape, o.Axis, start, 0)
		}
		start += x.Shape[o.Axis]
	}
	return nil
}

func commonGrid(xs []*Array) *Grid {
	first := oneBlock(xs[0].Grid)
	if first == nil {
		return nil
	}
	for _, x := range xs[1:] {
		g := oneBlock(x.Grid)
		if g == nil || g.Format != first.Format || g.Scales.Step[0] != first.Scales.Step[0] {
			return nil
		}
	}
	return first
}
