package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// AveragePool takes means under a window without padding,
//
//	y[n,c,p,q] = 1/(KH*KW) * sum over i < KH, j < KW of x[n,c, p*StrideH+i, q*StrideW+j],
//
// the sum in float64 in ascending order, rounded once; or, as a gradient, spreads d/(KH*KW) over the windows, which are
// added in ascending order in the tensor's type.
type AveragePool struct {
	base
	KernelH, KernelW, StrideH, StrideW int
	gradient                           bool
	image, pooled                      []int // shapes of x and y
}

// NewAveragePool adds the average pool of x (N,C,H,W) under a kernel moved by a stride, each (height, width).
func NewAveragePool(x *gorgonia.Node, window, stride [2]int) (*gorgonia.Node, error) {
	s := x.Shape()
	if len(s) != 4 || window[0] < 1 || window[1] < 1 || stride[0] < 1 || stride[1] < 1 || s[2] < window[0] || s[3] < window[1] {
		return nil, errors.Errorf("qops: average pool of %v under a window of %v moved by %v", s, window, stride)
	}
	shape := []int{s[0], s[1], (s[2]-window[0])/stride[0] + 1, (s[3]-window[1])/stride[1] + 1}
	op := &AveragePool{
		base: newBase("avgpool", "out", shape, x), KernelH: window[0], KernelW: window[1], StrideH: stride[0], StrideW: stride[1],
		image: append([]int(nil), s...), pooled: shape,
	}
	return apply(op, x), nil
}

// Do implements gorgonia.Op.
func (o *AveragePool) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *AveragePool) DiffWRT(int) []bool { return []bool{!o.gradient} }

// SymDiff implements gorgonia.SDOp.
func (o *AveragePool) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	op := *o
	op.base, op.gradient = newBase("avgpool", "out", in[0].Shape(), grad), true
	return gorgonia.Nodes{apply(&op, grad)}, nil
}

// Run implements Op.
func (o *AveragePool) Run(c *Call) error {
	return byType(c, func(c *Call) { averagePool[float32](o, c) }, func(c *Call) { averagePool[float64](o, c) })
}

func averagePool[T Float](o *AveragePool, c *Call) {
	from, to := Data[T](c.In[0]), Data[T](c.Out)
	before, after := o.image[2]*o.image[3], o.pooled[2]*o.pooled[3] // elements of a plane before and after
	parallel.For(o.image[0]*o.image[1], max(1, grain/before), c.Threads, func(lo, hi int) {
		for plane := lo; plane < hi; plane++ {
			if o.gradient {
				spreadWindows(o, to[plane*before:(plane+1)*before], from[plane*after:(plane+1)*after])
			} else {
				meanWindows(o, to[plane*after:(plane+1)*after], from[plane*before:(plane+1)*before])
			}
		}
	})
}

func meanWindows[T Float](o *AveragePool, pooled, image []T) {
	for p := range pooled {
		top, left := p/o.pooled[3]*o.StrideH, p%o.pooled[3]*o.StrideW
		sum := 0.0
		for i := range o.KernelH {
			for _, v := range image[(top+i)*o.image[3]+left:][:o.KernelW] {
				sum += float64(v)
			}
		}
		pooled[p] = T(sum / float64(o.KernelH*o.KernelW))
	}
}

func spreadWindows[T Float](o *AveragePool, image, pooled []T) {
	clear(image)
	for p, d := range pooled {
		top, left := p/o.pooled[3]*o.StrideH, p%o.pooled[3]*o.StrideW
		share := d / T(o.KernelH*o.KernelW)
		for i := range o.KernelH {
			row := image[(top+i)*o.image[3]+left:][:o.KernelW]
			for j := range row {
				row[j] += share
			}
		}
	}
}
