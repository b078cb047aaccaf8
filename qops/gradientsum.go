package qops

import "github.com/halftone-go/halftone/internal/kernel"

// GradientSum is the gradient of a weight that a network uses many times, such as at every step in time: the sum of the
// products that its dense ops give, each taken and added as these ops and their additions do.
type GradientSum struct {
	of      []*Dense
	m, n, k int
	sums    []bySample
	product []float32 // one that is not added by its kernel
	memory  kernel.ProductSum[float32]
	codes   sampleCodes
}

// NewGradientSum returns the sum of the products of one shape; false if they are not of the form aᵀ·b.
func NewGradientSum(products []*Dense) (*GradientSum, bool) {
	first := products[0]
	for _, o := range products {
		if !o.TransA || o.TransB || o.m != first.m || o.n != first.n || o.k != first.k {
			return nil, false
		}
	}
	return &GradientSum{of: products, m: first.m, n: first.n, k: first.k, sums: make([]bySample, len(products))}, true
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
		s.sums[i].sum = cert.Sum
		if cert.Sum == kernel.Blockwise { // of one exact product each, which are added like the terms of a sequence
			s.sums[i].sum = kernel.Sequence
		}
	}
	for i, c := range products {
		s.add(out.F32, c, s.of[i], s.sums[i], i == 0)
	}
	return true
}

// fewestCodeTerms is the number of samples from which on products over codes are worth that they are added by themselves.
const fewestCodeTerms = 24

// add takes one product to the sum.
func (s *GradientSum) add(out []float32, c *Call, o *Dense, of bySample, first bool) {
	a, b := c.In[0].F32, c.In[1].F32
	of.codes = of.codes && s.k >= fewestCodeTerms
	if !of.codes && of.sum != kernel.Whole {
		o.ran(OfTensor)
		s.memory.Add(out, a, b, s.m, s.n, s.k, first)
		return
	}
	to := out
	if !first {
		s.product = resizeFloats(s.product, s.m*s.n)
		to = s.product
	}
	switch {
	case of.codes && s.codes.run(to, c, o, of):
		o.ran(Int16)
	case of.sum == kernel.Whole:
		o.ran(Float64)
		kernel.MatMul(to, a, b, s.m, s.n, s.k, true, false, kernel.Whole, 0, 1)
	default:
		o.ran(OfTensor)
		s.memory.Add(out, a, b, s.m, s.n, s.k, first)
		return
	}
	if !first {
		kernel.Add(out, out, to)
	}
}
