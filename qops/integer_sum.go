package qops

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// Accumulator is the register that sums of products are taken in.
type Accumulator struct {
	Format number.Format // acc:wN,wrap or acc:wN,sat
	// Group is how many products are added without loss before they meet the register.
	Group int
}

// IntegerSum is the accumulator of a convolution or a dense layer on codes: the bias, then the products of activation
// codes (less their zero point) and weight codes. A wrapping register is the exact sum, wrapped once; a saturating
// one saturates after every group of products in ascending order (channel, row, column). Its tensor carries the
// accumulators as codes.
type IntegerSum struct {
	base
	Product     Op // a *Conv or a *Dense of the same operands
	Accumulator Accumulator
	// Scales of the accumulator, per output channel: activation scale times weight scale.
	Scales number.Scales
	out    Grid
}

// NewIntegerSum adds the accumulator of a conv or dense op over x and w on codes, with a bias on the grid of the sums.
func NewIntegerSum(product Op, x, w, bias *gorgonia.Node, acc Accumulator, activationScale float64, weight number.Scales) *gorgonia.Node {
	shape := product.OutShape()
	scales := number.Scales{Step: AccumulatorSteps(activationScale, weight)}
	scales.Blocks = number.Blocks{Count: len(scales.Step), Inner: size(shape[2:])}
	op := &IntegerSum{base: newBase(product.Kind(), "sum", shape, x, w, bias), Product: product, Accumulator: acc, Scales: scales}
	return apply(op, x, w, bias)
}

// AccumulatorSteps are the steps of a layer's accumulators, one per weight scale: activation scale times weight scale.
func AccumulatorSteps(activation float64, weight number.Scales) []float64 {
	steps := make([]float64, len(weight.Step))
	for i, s := range weight.Step {
		steps[i] = activation * s
	}
	return steps
}

// Do implements gorgonia.Op.
func (o *IntegerSum) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// Arithmetic implements Integer.
func (o *IntegerSum) Arithmetic() (kernel, certificate string) {
	if o.Accumulator.Format.Overflow() == number.Wrap {
		return "integers", "exact, wrapped once to " + o.Accumulator.Format.String()
	}
	return "integers", fmt.Sprintf("%s after every %d products in ascending order", o.Accumulator.Format, o.Accumulator.Group)
}

// Run implements Op.
func (o *IntegerSum) Run(c *Call) error {
	x, err := codesIn(c.In[0])
	if err != nil {
		return err
	}
	w, err := codesIn(c.In[1])
	if err != nil {
		return err
	}
	bias, err := codesIn(c.In[2])
	if err != nil {
		return err
	}
	if o.out.Codes == nil {
		o.out = Grid{Format: o.Accumulator.Format, Scales: o.Scales, Codes: NewArray(tensor.Float64, c.Out.Shape)}
	}
	c.Out.Grid = &o.out
	sums := o.out.Codes.F64
	switch o.Accumulator.Format.Overflow() {
	case number.Wrap:
		o.wrapped(sums, x, w, bias, c.Threads)
	case number.Saturate:
		if err := o.saturated(sums, x, w, bias, c.Threads); err != nil {
			return err
		}
	default:
		return errors.Errorf("qops: accumulator %s", o.Accumulator.Format)
	}
	channels, inner := c.Out.Shape[1], size(c.Out.Shape[2:])
	parallel.For(len(sums), grain, c.Threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			v := sums[i] * o.Scales.Step[(i/inner)%channels%len(o.Scales.Step)]
			if c.Out.F64 != nil {
				c.Out.F64[i] = v
			} else {
				c.Out.F32[i] = float32(v)
			}
		}
	})
	return nil
}

func (o *IntegerSum) wrapped(sums, x, w, bias []float64, threads int) {
	switch p := o.Product.(type) {
	case *Conv:
		kernel.ConvForward(p.Kernel, sums, x, w, kernel.Sequence, threads)
	case *Dense:
		runDense(p, sums, x, w, kernel.Sequence, threads)
	}
	width := o.Accumulator.Format.Width()
	channels, inner := o.shape[1], size(o.shape[2:])
	parallel.For(len(sums), grain, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sums[i] = float64(wrap(int64(sums[i])+int64(bias[(i/inner)%channels]), width))
		}
	})
}

// wrap keeps the low bits of v as a two's complement number.
func wrap(v int64, width int) int64 {
	shift := 64 - uint(width)
	return v << shift >> shift
}

func (o *IntegerSum) saturated(sums, x, w, bias []float64, threads int) error {
	lo, hi := o.Accumulator.Format.CodeRange()
	channels, inner := o.shape[1], size(o.shape[2:])
	terms := o.terms(x, w)
	parallel.For(len(sums), 64, threads, func(from, to int) {
		for i := from; i < to; i++ {
			ch := (i / inner) % channels
			register, pending := int64(bias[ch]), 0
			terms(i, func(product int64) {
				register += product
				if pending++; pending == o.Accumulator.Group {
					register, pending = min(max(register, lo), hi), 0
				}
			})
			sums[i] = float64(min(max(register, lo), hi))
		}
	})
	return nil
}

// terms calls add with every product of output i, in ascending order; padding counts as zeros.
func (o *IntegerSum) terms(x, w []float64) func(i int, add func(int64)) {
	if d, ok := o.Product.(*Dense); ok {
		return func(i int, add func(int64)) {
			row, column := i/d.n, i%d.n
			for k := range d.k {
				add(int64(x[row*d.k+k]) * int64(w[k*d.n+column]))
			}
		}
	}
	p := o.Product.(*Conv).Kernel
	oh, ow := p.OH(), p.OW()
	return func(i int, add func(int64)) {
		q, r := i%ow, i/ow%oh
		oc, n := i/(ow*oh)%p.OC, i/(ow*oh*p.OC)
		for c := range p.C {
			for kh := range p.KH {
				for kw := range p.KW {
					h, v := r*p.StrideH-p.PadTop+kh*p.DilationH, q*p.StrideW-p.PadLeft+kw*p.DilationW
					product := int64(0)
					if h >= 0 && h < p.H && v >= 0 && v < p.W {
						product = int64(x[((n*p.C+c)*p.H+h)*p.W+v]) * int64(w[((oc*p.C+c)*p.KH+kh)*p.KW+kw])
					}
					add(product)
				}
			}
		}
	}
}
