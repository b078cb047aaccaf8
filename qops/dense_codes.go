package qops

import "github.com/halftone-go/halftone/internal/kernel"

// runCodes takes the sums over codes of 8 or 16 bits on the processor's integer units, where they are exact in int32. It
// returns the arithmetic, and false if it did not; the result is that of the certified arithmetic, to the bit.
func (o *Dense) runCodes(c *Call, cert Certificate) (in Arithmetic, ok bool) {
	bits, of := o.product().inInt32(c, cert)
	a, b := of[0].exponents, of[1].exponents
	switch bits {
	case 8:
		if kernel.MatMulInt8(c.Out.F32, c.In[0].F32, c.In[1].F32, o.m, o.n, o.k, o.TransA, o.TransB, a, b, c.Threads) {
			return Int8, true
		}
		fallthrough // codes of 16 bits need no special instruction
	case 16:
		if kernel.MatMulInt16(c.Out.F32, c.In[0].F32, c.In[1].F32, o.m, o.n, o.k, o.TransA, o.TransB, a, b, c.Threads) {
			return Int16, true
		}
	}
	return OfTensor, false
}
