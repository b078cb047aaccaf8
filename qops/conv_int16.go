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
