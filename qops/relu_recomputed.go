package qops

import "github.com/halftone-go/halftone/internal/kernel"

// scaledReLUGrad is ReLUGrad without its input: its operands are the gradient, and those that ScaleShift makes the input
// from. The input is computed again, so that nothing has to keep it for the way back.
type scaledReLUGrad struct{ *ReLUGrad }

// WithoutInput returns an op that gives the bits of op from the operands of the op that made operand 1, in place of that
// operand; nil if there is none.
func WithoutInput(op, maker Op) Op {
	of, isGradient := op.(*ReLUGrad)
	if _, scales := maker.(*ScaleShift); !isGradient || !scales || len(of.shape) < 3 {
		return nil
	}
	return &scaledReLUGrad{of}
}

// Run implements Op.
func (o *scaledReLUGrad) Run(c *Call) error {
	if c.Out.Blocked {
		return byBlock(o, c, scaledReLUGradientBlocks)
	}
	return byPlane(o, c, scaledReLUGradient[float32], scaledReLUGradient[float64])
}

func scaledReLUGradient[T Float](_ *scaledReLUGrad, c *Call, from, to int) {
	d, x, gamma, beta, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.In[2]), Data[T](c.In[3]), Data[T](c.Out)
	channels, inner := planesOf(c)
	lo, hi := from*inner, to*inner
	kernel.ScaledReLUGradient(out[lo:hi], d[lo:hi], x[lo:hi], inner, gamma, beta, from%channels)
}
