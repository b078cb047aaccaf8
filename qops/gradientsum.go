package qops

import "github.com/halftone-go/halftone/internal/kernel"

// GradientSum is the gradient of a weight that a network uses many times, such as at every step in time: the sum of the
// products that its dense ops give, each taken and added as these ops and their additions do.
type GradientSum struct {
	m, n, k int
	as, bs  [][]float32
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
	return &GradientSum{m: first.m, n: first.n, k: first.k}, true
}

// Run sets out to the sum over the products' calls, in their order. It returns false, and does nothing, where operands
// are quantized, so that certificates decide about each product, where the interior of sums is simulated, or where there
// is nothing to sum.
func (s *GradientSum) Run(out *Array, products []*Call) bool {
	if s.m == 0 || s.n == 0 || s.k == 0 {
		return false
	}
	s.as, s.bs = s.as[:0], s.bs[:0]
	for _, c := range products {
		if c.Interior != nil || !c.FloatSum && c.In[0].Grid != nil && c.In[1].Grid != nil {
			return false
		}
		s.as, s.bs = append(s.as, c.In[0].F32), append(s.bs, c.In[1].F32)
	}
	s.memory.Run(out.F32, s.as, s.bs, s.m, s.n, s.k)
	return true
}
