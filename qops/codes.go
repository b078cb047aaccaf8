package qops

import "github.com/halftone-go/halftone/internal/kernel/parallel"

// codeScratch holds the codes and the integer sums of one op whose operands have scales that are no powers of two.
type codeScratch struct {
	a, b, sum []float64
	a32, b32  []float32
	whole     []int32
}

// run takes the sums over codes in float64, where they are exact, and scales each once:
//
//	out = T(float64(sum) * (scale_a * scale_b)).
//
// An operand on a power-of-two grid enters with its values, its scale being 1. outer are the axes of the output along
// which the operands' scales change.
func (s *codeScratch) run(c *Call, outer [2]int, sums func(out, a, b []float64)) error {
	a, b := c.In[0], c.In[1]
	s.a, s.b = codesOf(s.a, a, c.Threads), codesOf(s.b, b, c.Threads)
	s.sum = resize(s.sum, c.Out.Size())
	sums(s.sum, s.a, s.b)
	scaleOf := outputScale(c.Out.Shape, outer, a, b)
	return byType(c,
		func(c *Call) { scaleSums(c.Out.F32, s.sum, scaleOf, c.Threads) },
		func(c *Call) { scaleSums(c.Out.F64, s.sum, scaleOf, c.Threads) })
}

func scaleSums[T Float](dst []T, sums []float64, scaleOf func(i int) float64, threads int) {
	parallel.For(len(dst), 4096, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i] = T(sums[i] * scaleOf(i))
		}
	})
}

// codesOf returns what enters the sum: codes less their zero points for `int` formats, the values otherwise.
func codesOf(buffer []float64, x *Array, threads int) []float64 {
	buffer = resize(buffer, x.Size())
	src := x
	if x.Grid.Codes != nil {
		src = x.Grid.Codes
	}
	parallel.For(len(buffer), 4096, threads, func(lo, hi int) {
		if src.F64 != nil {
			copy(buffer[lo:hi], src.F64[lo:hi])
			return
		}
		for i := lo; i < hi; i++ {
			buffer[i] = float64(src.F32[i])
		}
	})
	return buffer
}

// outputScale returns the factor of output element i: the product of the scales that its sum met.
func outputScale(shape []int, outer [2]int, a, b *Array) func(i int) float64 {
	sa, sb := scalesOf(a), scalesOf(b)
	if len(sa) == 1 && len(sb) == 1 {
		s := sa[0] * sb[0]
		return func(int) float64 { return s }
	}
	innerA, innerB := size(shape[outer[0]+1:]), size(shape[outer[1]+1:])
	return func(i int) float64 {
		return sa[(i/innerA)%len(sa)] * sb[(i/innerB)%len(sb)]
	}
}

// scalesOf returns the scales that codes are multiplied with, or 1 for values.
func scalesOf(x *Array) []float64 {
	if x.Grid.Codes == nil {
		return []float64{1}
	}
	return x.Grid.Scales.Step
}

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
