package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// Reduce sums, or averages, over a contiguous range of axes: x seen as (outer, reduced, inner) gives (outer, inner).
// The sum is taken in float64 and rounded once: along the last axes in the lanes of ChannelSum, otherwise in
// ascending order.
type Reduce struct {
	base
	outer, reduced, inner int
	mean                  bool
}

// NewReduce adds the sum (or mean) over axes first to last inclusive; the axes vanish from the shape.
func NewReduce(x *gorgonia.Node, first, last int, mean bool) (*gorgonia.Node, error) {
	s := x.Shape()
	if first < 0 || last >= len(s) || first > last {
		return nil, errors.Errorf("qops: reduction over axes %d to %d of a tensor of shape %v", first, last, s)
	}
	kind := "sum"
	switch {
	case mean && len(s) > 2:
		kind = "avgpool"
	case mean:
		kind = "mean"
	}
	shape := append(append([]int(nil), s[:first]...), s[last+1:]...)
	op := &Reduce{
		base:  newBase(kind, "out", shape, x),
		outer: size(s[:first]), reduced: size(s[first : last+1]), inner: size(s[last+1:]), mean: mean,
	}
	return apply(op, x), nil
}

// Do implements gorgonia.Op.
func (o *Reduce) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Reduce) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *Reduce) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	op := &Spread{base: newBase(o.kind, "out", in[0].Shape(), grad).of("error"), outer: o.outer, reduced: o.reduced, inner: o.inner, mean: o.mean}
	return gorgonia.Nodes{apply(op, grad)}, nil
}

// Run implements Op.
func (o *Reduce) Run(c *Call) error {
	return byType(c, func(c *Call) { reduce[float32](o, c) }, func(c *Call) { reduce[float64](o, c) })
}

func reduce[T Float](o *Reduce, c *Call) {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	divisor := 1.0
	if o.mean {
		divisor = float64(o.reduced)
	}
	parallel.For(o.outer, max(1, grain/(o.reduced*o.inner)), c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			block := x[i*o.reduced*o.inner : (i+1)*o.reduced*o.inner]
			if o.inner == 1 {
				out[i] = T(kernel.PlaneSum(block) / divisor)
				continue
			}
			for j := range o.inner {
				sum := 0.0
				for k := range o.reduced {
					sum += float64(block[k*o.inner+j])
				}
				out[i*o.inner+j] = T(sum / divisor)
			}
		}
	})
}

// Spread is the gradient of Reduce: each element of the gradient, divided by the number of terms for a mean, goes to
// all the elements that it was reduced from.
type Spread struct {
	base
	outer, reduced, inner int
	mean                  bool
}

// Do implements gorgonia.Op.
func (o *Spread) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Run implements Op.
func (o *Spread) Run(c *Call) error {
	return byType(c, func(c *Call) { spread[float32](o, c) }, func(c *Call) { spread[float64](o, c) })
}

func spread[T Float](o *Spread, c *Call) {
	g, out := Data[T](c.In[0]), Data[T](c.Out)
	divisor := T(1)
	if o.mean {
		divisor = T(o.reduced)
	}
	parallel.For(o.outer, max(1, grain/(o.reduced*o.inner)), c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			block := out[i*o.reduced*o.inner : (i+1)*o.reduced*o.inner]
			for j := range o.inner {
				v := g[i*o.inner+j] / divisor
				for k := j; k < len(block); k += o.inner {
					block[k] = v
				}
			}
		}
	})
}
