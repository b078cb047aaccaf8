package qops

import "github.com/halftone-go/halftone/internal/kernel"

// GradientSum is the gradient of a weight that a network uses many times, such as at every step in time: the sum of the
// products that its dense ops give, each taken and added as these ops and their additions do.
type GradientSum struct {
	of      []*Dense
	m, n, k int
	certs   []Certificate
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
	return &GradientSum{of: products, m: first.m, n: first.n, k: first.k, certs: make([]Certificate, len(products))}, true
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
		cert := s.of[i].product().decide(c)
		if cert.Codes || cert.Sum == kernel.Blockwise && !cert.Exact {
			return false
		}
		s.certs[i] = cert
	}
	for i, c := range products {
		s.of[i].ran(s.certs[i].arithmetic())
		a, b := c.In[0].F32, c.In[1].F32
		// Blocks of one exact product each are added like the terms of a sequence of fused multiply-adds.
		if s.certs[i].Sum != kernel.Whole {
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
