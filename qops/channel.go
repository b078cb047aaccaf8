package qops

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// ChannelSum sums over all axes but 1, in float64 and in this order: within a plane (one index of axes 0 and 1) lane
// i mod 8, the lanes as ((0+4)+(2+6))+((1+5)+(3+7)), planes in ascending order of axis 0; one rounding at the end.
// With a second operand it sums the products x*y (each exact in float64 for float32 tensors); `mean` divides by the
// number of terms before the rounding.
type ChannelSum struct {
	base
	reducer
	dot, mean, statistic bool
}

// NewChannelSum adds the sum of x over all axes but 1; the result has the given shape of C elements.
func NewChannelSum(x *gorgonia.Node, shape []int) *gorgonia.Node {
	return apply(&ChannelSum{base: newBase("sum", "out", shape, x)}, x)
}

func newChannelDot(kind, point string, x, y *gorgonia.Node, shape []int, mean, statistic bool) *gorgonia.Node {
	return apply(&ChannelSum{base: newBase(kind, point, shape, x, y).of("error", "normalised"), dot: true, mean: mean, statistic: statistic}, x, y)
}

// Do implements gorgonia.Op.
func (o *ChannelSum) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// IsStatistic implements Statistic.
func (o *ChannelSum) IsStatistic() bool { return o.statistic }

// Run implements Op.
func (o *ChannelSum) Run(c *Call) error {
	if shape := c.In[0].Shape; len(shape) == 2 && shape[0]*shape[1] > 0 && !o.dot && !o.mean {
		// A plane is one element, so that the order of additions is that of the rows.
		return byType(c, func(c *Call) { kernel.ColumnSums(c.Out.F32, c.In[0].F32) }, func(c *Call) { kernel.ColumnSums(c.Out.F64, c.In[0].F64) })
	}
	return o.run(c, o.reduction(c))
}

func (o *ChannelSum) reduction(c *Call) reduction {
	if c.Out.F64 != nil {
		return channelSum[float64](o, c)
	}
	return channelSum[float32](o, c)
}

func channelSum[T Float](o *ChannelSum, c *Call) reduction {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	r := reduction{
		plane: func(lo, hi int) float64 { return kernel.PlaneSum(x[lo:hi]) },
		block: func(s *kernel.BlockSums, lo, hi, _ int) { s.Sum(c.In[0].F32[lo:hi]) },
		store: func(ch int, s float64, count int) {
			if o.mean {
				s /= float64(count)
			}
			out[ch] = T(s)
		},
	}
	if o.dot {
		y := Data[T](c.In[1])
		r.plane = func(lo, hi int) float64 { return kernel.PlaneDot(x[lo:hi], y[lo:hi]) }
		r.block = func(s *kernel.BlockSums, lo, hi, _ int) { s.Dot(c.In[0].F32[lo:hi], c.In[1].F32[lo:hi]) }
	}
	return r
}
