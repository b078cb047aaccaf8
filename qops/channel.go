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
	if o.dot {
		return byType(c, func(c *Call) { channelDot[float32](o, c) }, func(c *Call) { channelDot[float64](o, c) })
	}
	return byType(c, func(c *Call) { channelSum[float32](o, c) }, func(c *Call) { channelSum[float64](o, c) })
}

func channelSum[T Float](o *ChannelSum, c *Call) {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	o.reduce(c, func(lo, hi int) float64 { return kernel.PlaneSum(x[lo:hi]) }, func(ch int, s float64) { out[ch] = T(s) })
}

func channelDot[T Float](o *ChannelSum, c *Call) {
	x, y, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	o.reduce(c, func(lo, hi int) float64 { return kernel.PlaneDot(x[lo:hi], y[lo:hi]) }, func(ch int, s float64) { out[ch] = T(s) })
}

func (o *ChannelSum) reduce(c *Call, plane func(lo, hi int) float64, store func(ch int, s float64)) {
	reduceChannels(c, plane, func(ch int, s float64, count int) {
		if o.mean {
			s /= float64(count)
		}
		store(ch, s)
	})
}

// reduceChannels adds plane(lo, hi) over axis 0 for every channel of the first operand.
func reduceChannels(c *Call, plane func(lo, hi int) float64, store func(ch int, s float64, count int)) {
	shape := c.In[0].Shape
	n, channels, inner := shape[0], shape[1], size(shape[2:])
	kernel.Parallel(channels, max(1, 8192/max(1, n*inner)), c.Threads, func(from, to int) {
		for ch := from; ch < to; ch++ {
			sum := 0.0
			for i := range n {
				lo := (i*channels + ch) * inner
				sum += plane(lo, lo+inner)
			}
			store(ch, sum, n*inner)
		}
	})
}
