package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// convKind tells the three convolutions of a layer apart.
type convKind int

const (
	convForward convKind = iota
	convBackwardData
	convBackwardWeight
)

// Conv is a two-dimensional convolution without bias in the layouts NCHW and OIHW,
//
//	y[n,o,p,q] = sum over c,kh,kw of w[o,c,kh,kw] * x[n,c, p*stride-pad+kh*dilation, q*stride-pad+kw*dilation],
//
// or one of its two gradients. Positions in the padding count as zeros.
type Conv struct {
	base
	arithmetic
	what   convKind
	Kernel kernel.Conv
	// scratch holds codes and sums of formats with scales that are no powers of two.
	scratch  codeScratch
	interior interiorScratch
	sampled  sampledConv
	blocked  blockedConv
}

// ConvShape is the geometry of a convolution: kernel, padding, stride and dilation, each (height, width).
type ConvShape struct{ Kernel, Pad, Stride, Dilation [2]int }

// NewConv adds the convolution of x (N,C,H,W) with the weight w (O,C,KH,KW).
func NewConv(x, w *gorgonia.Node, s ConvShape) (*gorgonia.Node, error) {
	xs, ws := x.Shape(), w.Shape()
	if len(xs) != 4 || len(ws) != 4 || xs[1] != ws[1] {
		return nil, errors.Errorf("qops: conv of %v with weight %v: wanted (N,C,H,W) and (O,C,KH,KW) with the same C", xs, ws)
	}
	p := kernel.Conv{
		N: xs[0], C: xs[1], H: xs[2], W: xs[3], OC: ws[0], KH: ws[2], KW: ws[3],
		PadTop: s.Pad[0], PadLeft: s.Pad[1], PadBottom: s.Pad[0], PadRight: s.Pad[1],
		StrideH: s.Stride[0], StrideW: s.Stride[1], DilationH: s.Dilation[0], DilationW: s.Dilation[1],
	}
	if p.OH() < 1 || p.OW() < 1 {
		return nil, errors.Errorf("qops: conv of %v with weight %v leaves no output", xs, ws)
	}
	op := &Conv{base: newBase("conv", "out", []int{p.N, p.OC, p.OH(), p.OW()}, x, w).of("input", "weight"), Kernel: p}
	return apply(op, x, w), nil
}

// Do implements gorgonia.Op.
func (o *Conv) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Conv) DiffWRT(int) []bool { f := o.what == convForward; return []bool{f, f} }

// SymDiff implements gorgonia.SDOp.
func (o *Conv) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	dx := &Conv{base: newBase("conv", "out", in[0].Shape(), grad, in[1]).of("error", "weight"), what: convBackwardData, Kernel: o.Kernel}
	dw := &Conv{base: newBase("conv", "out", in[1].Shape(), in[0], grad).of("input", "error"), what: convBackwardWeight, Kernel: o.Kernel}
	return gorgonia.Nodes{apply(dx, grad, in[1]), apply(dw, in[0], grad)}, nil
}

// product describes the sums: the operands are (x, w), (dy, w) or (x, dy).
func (o *Conv) product() product {
	p := o.Kernel
	taps, positions := p.KH*p.KW, p.OH()*p.OW()
	switch o.what {
	case convBackwardData:
		return product{terms: Terms{p.OC * taps, taps}, summed: [2][]int{{1, 2, 3}, {0, 2, 3}}, outer: [2]int{0, 1}}
	case convBackwardWeight:
		return product{terms: Terms{p.N * positions, positions}, summed: [2][]int{{0, 2, 3}, {0, 2, 3}}, outer: [2]int{1, 0}}
	}
	return product{terms: Terms{p.C * taps, taps}, summed: [2][]int{{1, 2, 3}, {1, 2, 3}}, outer: [2]int{0, 1}}
}

// Certificate implements Summing.
func (o *Conv) Certificate(a, b Operand, wide bool) Certificate {
	return o.product().certificate(a, b, wide)
}

// Run implements Op.
func (o *Conv) Run(c *Call) error {
	if c.Interior != nil {
		return c.Interior.run(c, o, &o.interior)
	}
	p := o.product()
	cert := p.decide(c)
	if o.onBlocks(c) {
		return o.runBlocks(c, cert)
	}
	o.ran(cert.arithmetic())
	if cert.Codes {
		if in, ok := o.scratch.runInt32(c, o); ok {
			o.ran(in)
			return nil
		}
		return o.scratch.run(c, p.outer, func(out, a, b []float64) { runConv(o, out, a, b, cert.Sum, c.Threads) })
	}
	if o.runInt8(c, cert) {
		o.ran(Int8)
		return nil
	}
	if o.runInt16(c, cert) {
		o.ran(Int16)
		return nil
	}
	return byType(c,
		func(c *Call) { runConv(o, c.Out.F32, c.In[0].F32, c.In[1].F32, cert.Sum, c.Threads) },
		func(c *Call) { runConv(o, c.Out.F64, c.In[0].F64, c.In[1].F64, cert.Sum, c.Threads) })
}

func runConv[T Float](o *Conv, out, a, b []T, sum kernel.Sum, threads int) {
	switch o.what {
	case convForward:
		kernel.ConvForward(o.Kernel, out, a, b, sum, threads)
	case convBackwardData:
		kernel.ConvBackwardData(o.Kernel, out, a, b, sum, threads)
	case convBackwardWeight:
		kernel.ConvBackwardWeight(o.Kernel, out, a, b, sum, threads)
	}
}
