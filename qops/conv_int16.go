package qops

import "github.com/halftone-go/halftone/internal/kernel"

// runInt16 takes the sums over codes of up to 16 bits on the processor's integer units, where they are exact in int32. It
// reports whether it did; the result is that of the certified arithmetic, to the bit.
func (o *Conv) runInt16(c *Call, cert Certificate) bool {
	bits, of := o.product().inInt32(c, cert)
	if bits == 0 {
		return false
	}
	a, b := of[0].exponents, of[1].exponents
	x, y, out := c.In[0].F32, c.In[1].F32, c.Out.F32
	switch {
	case o.what == convForward:
		return kernel.ConvForwardInt16(o.Kernel, out, x, y, a, b, c.Threads)
	case len(b) > 1: // blocks along an axis of the output that kernels have no exponents for
		return false
	case o.what == convBackwardData:
		return kernel.ConvBackwardDataInt16(o.Kernel, out, x, y, a, b[0], c.Threads)
	}
	return len(a) == 1 && kernel.ConvBackwardWeightInt16(o.Kernel, out, x, y, a[0], b[0], c.Threads)
}

// packInt16 packs the weight's codes of up to 16 bits, if samples that are not there yet may be summed over them.
func (o *Conv) packInt16(c *Call) bool {
	s, p := &o.sampled, o.product()
	if !s.sums.exact || s.sums.sum == kernel.Blockwise || c.Out.F32 == nil {
		return false
	}
	low, high, ok := codesWithin(c.In[0].Grid.Format)
	a := codeFactor{low: low, high: high}
	if !ok || a.bits() == 0 {
		return false
	}
	b, ok := p.codeFactor(1, c.In[1], &c.room().codes[1])
	if !ok || b.bits() == 0 || float64(p.terms.Count)*a.most()*b.most() >= exactInt32 {
		return false
	}
	if o.what == convForward {
		return s.pairs.PackForward(o.Kernel, c.In[1].F32, b.exponents)
	}
	return len(b.exponents) == 1 && s.pairs.PackBackwardData(o.Kernel, c.In[1].F32, b.exponents[0])
}
