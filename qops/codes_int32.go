package qops

import (
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// widthOfCodes is the width of the codes that sums over two `int` formats can be taken over in int32: 8, 16, or 0.
func (p product) widthOfCodes(of [2]Operand) int {
	bits, bound := 8, float64(p.terms.Count)
	for _, o := range of {
		_, most, _ := o.Format.Lattice()
		if !scaled(o.Format) || most > 1<<15-1 {
			return 0
		}
		if o.Format.Width() > 8 || o.Format.ZeroAuto() || o.Format.ScaleRule() == number.ScaleRun { // less a zero point, 8 bits are 9
			bits = 16
		}
		bound *= most
	}
	if bound >= exactInt32 {
		return 0
	}
	return bits
}

// codeSummer takes sums over codes of 8 or 16 bits in int32. It reports whether it did.
type codeSummer interface {
	Summing
	sumCodes(bits int, out []int32, a, b []float32, threads int) bool
}

// runInt32 takes the sums over codes of `int` formats on the processor's integer units, and scales each once, as run does.
// It returns the arithmetic, and false if it did not.
func (s *codeScratch) runInt32(c *Call, op codeSummer) (in Arithmetic, ok bool) {
	a, b := c.In[0], c.In[1]
	if c.Out.F32 == nil || a.Grid.Codes == nil || b.Grid.Codes == nil {
		return OfTensor, false
	}
	p := op.product()
	bits := p.widthOfCodes([2]Operand{{Format: a.Grid.Format}, {Format: b.Grid.Format}})
	if bits == 0 {
		return OfTensor, false
	}
	s.a32, s.b32 = narrowCodes(s.a32, a, c.Threads), narrowCodes(s.b32, b, c.Threads)
	s.whole = resize32(s.whole, c.Out.Size())
	if bits == 8 {
		in, ok = Int8, op.sumCodes(8, s.whole, s.a32, s.b32, c.Threads)
	}
	if !ok {
		in, ok = Int16, op.sumCodes(16, s.whole, s.a32, s.b32, c.Threads)
	}
	if !ok {
		return OfTensor, false
	}
	steps := outputSteps(c.Out.Shape, p.outer, a, b)
	parallel.For(len(s.whole), grain, c.Threads, func(lo, hi int) {
		steps.each(lo, hi, func(lo, hi int, step float64) {
			for i, sum := range s.whole[lo:hi] {
				c.Out.F32[lo+i] = float32(float64(sum) * step)
			}
		})
	})
	return in, true
}

func narrowCodes(buffer []float32, x *Array, threads int) []float32 {
	buffer = resizeFloats(buffer, x.Size())
	parallel.For(len(buffer), grain, threads, func(lo, hi int) { kernel.Narrow(buffer[lo:hi], x.Grid.Codes.F64[lo:hi]) })
	return buffer
}

func (o *Dense) sumCodes(bits int, out []int32, a, b []float32, threads int) bool {
	return kernel.MatMulSums(bits, out, a, b, o.m, o.n, o.k, o.TransA, o.TransB, threads)
}

func (o *Conv) sumCodes(bits int, out []int32, a, b []float32, threads int) bool {
	switch {
	case bits == 8: // whose kernels give values
		return false
	case o.what == convForward:
		return kernel.ConvForwardSums(o.Kernel, out, a, b, threads)
	case o.what == convBackwardData:
		return kernel.ConvBackwardDataSums(o.Kernel, out, a, b, threads)
	}
	return kernel.ConvBackwardWeightSums(o.Kernel, out, a, b, threads)
}
