package qops

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
)

// GradientSum is the gradient of a weight that a network uses many times, such as at every step in time: the sum of the
// products that its dense ops give, each taken and added as these ops and their additions do.
type GradientSum struct {
	of      []*Dense
	m, n, k int
	sums    []kernel.Sum
	wide    []float32 // a product that is summed in float64
	memory  kernel.ProductSum[float32]
}

// NewGradientSum returns the sum of the products of one shape; false if they are not of the form aᵀ·b.
func NewGradientSum(products []*Dense) (*GradientSum, bool) {
	first := products[0]
	for _, o := range products {
		if !o.TransA || o.TransB || o.m != first.m || o.n != first.n || o.k != first.k {
			return nil, false
		}
	}
	return &GradientSum{of: products, m: first.m, n: first.n, k: first.k, sums: make([]kernel.Sum, len(products))}, true
}

// Run sets out to the sum over the products' calls, in their order. It returns false, and does nothing, where the interior
// of sums is simulated, where sums are taken over codes that are no float32 numbers, or where there is nothing to sum.
func (s *GradientSum) Run(out *Array, products []*Call) bool {
	if s.m == 0 || s.n == 0 || s.k == 0 {
		return false
	}
	for i, c := range products {
		if c.Interior != nil {
			return false
		}
		var decided bool
		if s.sums[i], decided = sumBySample(c, s.k); decided {
			continue
		}
		cert := s.of[i].product().decide(c)
		if cert.Codes || cert.Sum == kernel.Blockwise && !cert.Exact {
			return false
		}
		s.sums[i] = cert.Sum
		if cert.Sum == kernel.Blockwise { // of one exact product each, which are added like the terms of a sequence
			s.sums[i] = kernel.Sequence
		}
	}
	for i, c := range products {
		s.of[i].ran(Certificate{Sum: s.sums[i]}.arithmetic())
		a, b := c.In[0].F32, c.In[1].F32
		if s.sums[i] != kernel.Whole {
			s.memory.Add(out.F32, a, b, s.m, s.n, s.k, i == 0)
			continue
		}
		if i == 0 {
			kernel.MatMul(out.F32, a, b, s.m, s.n, s.k, true, false, kernel.Whole, 0, 1)
			continue
		}
		if s.wide == nil {
			s.wide = make([]float32, s.m*s.n)
		}
		kernel.MatMul(s.wide, a, b, s.m, s.n, s.k, true, false, kernel.Whole, 0, 1)
		kernel.Add(out.F32, out.F32, s.wide)
	}
	return true
}

// sumBySample decides how the product is summed of two operands that have an exponent for each of k samples, the terms of
// a sum, as product.decide does. It returns false where there is more to decide: other formats, blocks of zeros, exponents
// near the limits of float32.
func sumBySample(c *Call, k int) (sum kernel.Sum, decided bool) {
	a, b := c.In[0], c.In[1]
	if c.FloatSum || a.Grid == nil || b.Grid == nil {
		return kernel.Sequence, true
	}
	mostA, lowestA, okA := a.bySample(k)
	mostB, lowestB, okB := b.bySample(k)
	if !okA || !okB {
		return 0, false
	}
	lowest, highest := math.MaxInt, math.MinInt
	for i, stepA := range a.Grid.Scales.Step {
		stepB := b.Grid.Scales.Step[i]
		x, y := math.Float64bits(stepA), math.Float64bits(stepB)
		if stepA <= lowestA || stepB <= lowestB || (x|y)<<12 != 0 { // may be zeros, is no power of two
			return 0, false
		}
		e := int(x>>52) + int(y>>52) - 2*1023
		lowest, highest = min(lowest, e), max(highest, e)
	}
	bound := float64(k) * mostA * mostB
	switch whole := bound * math.Ldexp(1, highest-lowest); {
	case lowest < smallestExponent || bound*math.Ldexp(1, highest) >= math.Ldexp(1, largestExponent) || mostA*mostB > exactFloat32:
		return 0, false
	case whole <= exactFloat32 || whole >= exactInt32:
		return kernel.Sequence, true
	}
	return kernel.Whole, true
}

// bySample returns the largest code of an array in block floating point with one exponent for each of k samples, and the
// step up to which a block may be zeros or off the grid; false if it is none.
func (a *Array) bySample(k int) (most, lowest float64, ok bool) {
	f, s := a.Grid.Format, &a.Grid.Scales
	if f.Kind() != "bfp" || len(s.Step) != k || s.Blocks.Layout.Width != 0 || s.Blocks.Count != k || s.Blocks.Inner*k != len(a.F32) {
		return 0, 0, false
	}
	_, most, ok = f.Lattice()
	return most, max(lowestStep(f), 0x1p-126), ok
}
