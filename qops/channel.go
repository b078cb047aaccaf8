package qops

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// lanes is the number of partial sums that a sum over a plane keeps: element i of the plane goes to lane i mod 8.
const lanes = 8

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
	return apply(&ChannelSum{base: newBase(kind, point, shape, x, y), dot: true, mean: mean, statistic: statistic}, x, y)
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
	o.reduce(c, func(lo, hi int) float64 { return planeSum(x[lo:hi]) }, func(ch int, s float64) { out[ch] = T(s) })
}

func channelDot[T Float](o *ChannelSum, c *Call) {
	x, y, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	o.reduce(c, func(lo, hi int) float64 { return planeDot(x[lo:hi], y[lo:hi]) }, func(ch int, s float64) { out[ch] = T(s) })
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
			for i := 0; i < n; i++ {
				lo := (i*channels + ch) * inner
				sum += plane(lo, lo+inner)
			}
			store(ch, sum, n*inner)
		}
	})
}

func planeSum[T Float](x []T) float64 {
	var l [lanes]float64
	i := 0
	for ; i+lanes <= len(x); i += lanes {
		v := x[i : i+lanes : i+lanes]
		l[0] += float64(v[0])
		l[1] += float64(v[1])
		l[2] += float64(v[2])
		l[3] += float64(v[3])
		l[4] += float64(v[4])
		l[5] += float64(v[5])
		l[6] += float64(v[6])
		l[7] += float64(v[7])
	}
	for ; i < len(x); i++ {
		l[i%lanes] += float64(x[i])
	}
	return foldLanes(&l)
}

func planeDot[T Float](x, y []T) float64 {
	var l [lanes]float64
	i := 0
	y = y[:len(x)]
	for ; i+lanes <= len(x); i += lanes {
		v, w := x[i:i+lanes:i+lanes], y[i:i+lanes:i+lanes]
		l[0] += float64(float64(v[0]) * float64(w[0]))
		l[1] += float64(float64(v[1]) * float64(w[1]))
		l[2] += float64(float64(v[2]) * float64(w[2]))
		l[3] += float64(float64(v[3]) * float64(w[3]))
		l[4] += float64(float64(v[4]) * float64(w[4]))
		l[5] += float64(float64(v[5]) * float64(w[5]))
		l[6] += float64(float64(v[6]) * float64(w[6]))
		l[7] += float64(float64(v[7]) * float64(w[7]))
	}
	for ; i < len(x); i++ {
		l[i%lanes] += float64(float64(x[i]) * float64(y[i]))
	}
	return foldLanes(&l)
}

// planeSquares sums the squares of x less m.
func planeSquares[T Float](x []T, m float64) float64 {
	var l [lanes]float64
	for i, v := range x {
		d := float64(v) - m
		l[i%lanes] += float64(d * d)
	}
	return foldLanes(&l)
}

func foldLanes(l *[lanes]float64) float64 {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}
