package qops

import (
	"math"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/mac"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// interiorScratch holds the codes and sums of one op.
type interiorScratch struct {
	a, b, sum       []float64
	a32, b32, sum32 []float32
	parts           []int32
}

// summer takes the sums of one op.
type summer interface {
	Summing
	// exact takes exact sums in the type, over elements whose sums it holds.
	exact32(out, a, b []float32, threads int)
	exact64(out, a, b []float64, threads int)
	mac32(out, a, b []float32, m mac.Arithmetic, threads int)
	mac64(out, a, b []float64, m mac.Arithmetic, threads int)
}

// run computes c.Out.
func (i *Interior) run(c *Call, op summer, s *interiorScratch) error {
	if i.Sum.Kind() != "acc" {
		m, err := i.rounding()
		if err != nil {
			return err
		}
		if c.Out.F32 == nil {
			return errors.New("qops: products and sums are rounded as float32 tensors only")
		}
		op.mac32(c.Out.F32, c.In[0].F32, c.In[1].F32, m, c.Threads)
		return nil
	}
	var of [2]Operand
	for k, x := range c.In {
		of[k].Shape = x.Shape
		if x.Grid != nil {
			of[k].Format, of[k].Blocks = x.Grid.Format, x.Grid.Scales.Blocks
		}
	}
	names := op.(Op).OperandNames()
	r, err := i.register(op.product(), of, [2]string{names[0], names[1]})
	if err != nil {
		return errors.Wrap(err, "qops")
	}
	m := mac.Arithmetic{Sum: mac.Format{Limit: mac.Saturated, Low: r.low, High: r.high}, Order: i.order()}
	if wholeCodes(c.In[0]) && wholeCodes(c.In[1]) {
		m.Most = r.one
	}
	wraps := i.Sum.Overflow() == number.Wrap
	steps := outputSteps(c.Out.Shape, op.product().outer, c.In[0], c.In[1])
	if wraps && i.wrapExact(c, op, r, steps, s) {
		return nil
	}
	narrow := c.Out.F32 != nil && (wraps && r.bound <= exactFloat32 || !wraps && r.one-r.low <= exactFloat32)
	if narrow {
		s.a32, s.b32 = latticeCodes(s.a32, c.In[0], c.Threads), latticeCodes(s.b32, c.In[1], c.Threads)
		s.sum32 = resizeFloats(s.sum32, c.Out.Size())
		if wraps {
			op.exact32(s.sum32, s.a32, s.b32, c.Threads)
		} else {
			op.mac32(s.sum32, s.a32, s.b32, m, c.Threads)
		}
		finish(c.Out.F32, s.sum32, i.Sum, steps, c.Threads)
		return nil
	}
	s.a, s.b = latticeCodes(s.a, c.In[0], c.Threads), latticeCodes(s.b, c.In[1], c.Threads)
	s.sum = resize(s.sum, c.Out.Size())
	if wraps {
		op.exact64(s.sum, s.a, s.b, c.Threads)
	} else {
		op.mac64(s.sum, s.a, s.b, m, c.Threads)
	}
	return byType(c,
		func(c *Call) { finish(c.Out.F32, s.sum, i.Sum, steps, c.Threads) },
		func(c *Call) { finish(c.Out.F64, s.sum, i.Sum, steps, c.Threads) })
}

// finish wraps sums where the accumulator does, and gives them their step.
func finish[T, S Float](dst []T, sums []S, acc number.Format, steps runs, threads int) {
	wraps, width := acc.Overflow() == number.Wrap, acc.Width()
	parallel.For(len(dst), grain, threads, func(lo, hi int) {
		if wraps {
			wrapEach(sums[lo:hi], width)
		}
		steps.each(lo, hi, func(lo, hi int, step float64) { scaleInto(dst[lo:hi], sums[lo:hi], step) })
	})
}

func wrapEach[S Float](sums []S, width int) {
	for i, sum := range sums {
		if sum-sum != 0 {
			sums[i] = S(math.NaN()) // infinities have no residue
			continue
		}
		sums[i] = S(wrap(int64(sum), width))
	}
}

// latticeCodes returns the codes of an operand, less their zero points: its values in units of the smallest distance of
// two, which the format's Lattice tells.
func latticeCodes[T Float](buffer []T, x *Array, threads int) []T {
	buffer = resizeFloats(buffer, x.Size())
	src, steps := x, latticeSteps(x)
	if x.Grid.Codes != nil {
		src, steps = x.Grid.Codes, []float64{1}
	}
	inner := max(x.Grid.Scales.Blocks.Inner, 1)
	if len(steps) == 1 {
		inner = len(buffer)
	}
	parallel.For(len(buffer), grain, threads, func(lo, hi int) {
		for lo < hi {
			end := min((lo/inner+1)*inner, hi)
			scale := 1 / steps[lo/inner%len(steps)]
			if src.F64 != nil {
				scaleInto(buffer[lo:end], src.F64[lo:end], scale)
			} else {
				scaleInto(buffer[lo:end], src.F32[lo:end], scale)
			}
			lo = end
		}
	})
	return buffer
}

// scaleInto sets dst[i] = src[i]·scale, rounded once.
func scaleInto[T, S Float](dst []T, src []S, scale float64) {
	to, narrow := any(dst).([]float32)
	if from, ok := any(src).([]float32); ok && narrow && isPowerOfTwo(scale) {
		kernel.Scale(to, from, float32(scale))
		return
	}
	for i, v := range src {
		dst[i] = T(float64(v) * scale)
	}
}

// isPowerOfTwo reports that float32 has the scale, and that it and its inverse are powers of two.
func isPowerOfTwo(scale float64) bool {
	return mac.WrapsStep(float32(scale)) && float64(float32(scale)) == scale
}

// latticeSteps are the units of an operand's values, by block.
func latticeSteps(x *Array) []float64 {
	unit, _, _ := x.Grid.Format.Lattice()
	steps := make([]float64, len(x.Grid.Scales.Step))
	for i, step := range x.Grid.Scales.Step {
		steps[i] = step * unit
	}
	return steps
}

// outputStep returns the step of the products of output i.
func outputStep(shape []int, outer [2]int, a, b *Array) func(i int) float64 {
	sa, sb := latticeSteps(a), latticeSteps(b)
	if len(sa) == 1 && len(sb) == 1 {
		s := sa[0] * sb[0]
		return func(int) float64 { return s }
	}
	innerA, innerB := size(shape[outer[0]+1:]), size(shape[outer[1]+1:])
	return func(i int) float64 { return sa[i/innerA%len(sa)] * sb[i/innerB%len(sb)] }
}

func resizeFloats[T Float](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (o *Conv) exact32(out, a, b []float32, threads int) {
	runConv(o, out, a, b, kernel.Sequence, threads)
}

func (o *Conv) exact64(out, a, b []float64, threads int) {
	runConv(o, out, a, b, kernel.Sequence, threads)
}

func (o *Conv) mac32(out, a, b []float32, m mac.Arithmetic, threads int) {
	convMAC(o, out, a, b, m, threads)
}

func (o *Conv) mac64(out, a, b []float64, m mac.Arithmetic, threads int) {
	convMAC(o, out, a, b, m, threads)
}

func convMAC[T Float](o *Conv, out, a, b []T, m mac.Arithmetic, threads int) {
	switch o.what {
	case convForward:
		mac.ConvForward(o.Kernel, out, a, b, m, threads)
	case convBackwardData:
		mac.ConvBackwardData(o.Kernel, out, a, b, m, threads)
	case convBackwardWeight:
		mac.ConvBackwardWeight(o.Kernel, out, a, b, m, threads)
	}
}

func (o *Dense) exact32(out, a, b []float32, threads int) {
	runDense(o, out, a, b, kernel.Sequence, threads)
}

func (o *Dense) exact64(out, a, b []float64, threads int) {
	runDense(o, out, a, b, kernel.Sequence, threads)
}

func (o *Dense) mac32(out, a, b []float32, m mac.Arithmetic, threads int) {
	mac.MatMul(out, a, b, o.m, o.n, o.k, o.TransA, o.TransB, m, threads)
}

func (o *Dense) mac64(out, a, b []float64, m mac.Arithmetic, threads int) {
	mac.MatMul(out, a, b, o.m, o.n, o.k, o.TransA, o.TransB, m, threads)
}
