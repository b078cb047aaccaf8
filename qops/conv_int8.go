package qops

import (
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// runInt8 takes the sums over codes of 8 bits on the processor's integer units, where they are exact and the operands'
// blocks lie along their first axis: samples, or a weight's output channels. It reports whether it did; the result is
// that of the certified arithmetic, to the bit.
func (o *Conv) runInt8(c *Call, cert Certificate) bool {
	if !cert.Exact || cert.Codes || c.Out.F32 == nil {
		return false
	}
	room := c.room()
	a, okA := int8Exponents(c.In[0], &room.codes[0])
	b, okB := int8Exponents(c.In[1], &room.codes[1])
	if !okA || !okB {
		return false
	}
	x, y, out := c.In[0].F32, c.In[1].F32, c.Out.F32
	switch {
	case o.what == convBackwardWeight:
		return kernel.ConvBackwardWeightInt8(o.Kernel, out, x, y, a, b, cert.Sum, c.Threads)
	case cert.Sum == kernel.Blockwise:
		return false
	case o.what == convBackwardData:
		return kernel.ConvBackwardDataInt8(o.Kernel, out, x, y, a, b, c.Threads)
	}
	return kernel.ConvForwardInt8(o.Kernel, out, x, y, a, b, c.Threads)
}

// int8Exponents are those of an operand whose values are codes from -128 to 127 times 2^exponent: one, or one per element
// of the first axis. Blocks of zeros have any exponent; they get one that another block has. s has
// room for them.
func int8Exponents(x *Array, s *steps) (exponents []int, ok bool) {
	if !hasInt8Codes(x.Grid.Format) || !alongFirstAxis(x.Grid.Scales.Blocks, x.Shape) {
		return nil, false
	}
	if !s.set(x) {
		return nil, false
	}
	lowest, _, _ := s.extremes()
	for block, zero := range s.zero {
		if zero {
			s.exponents[block] = lowest
		}
	}
	return s.exponents, true
}

// alongFirstAxis reports that there is one block, or one for each element of the first axis.
func alongFirstAxis(blocks number.Blocks, shape []int) bool {
	n := blocks.Count
	return blocks.Layout.Width == 0 && (n <= 1 || len(shape) > 0 && n == shape[0] && n*blocks.Inner == size(shape))
}

// hasInt8Codes reports that a format's values are such codes, in units of the step of a block.
func hasInt8Codes(f number.Format) bool {
	_, most, ok := f.Lattice()
	if !ok || scaled(f) {
		return false
	}
	if lo, hi := f.CodeRange(); f.Kind() == "fixed" || f.Kind() == "bfp" {
		return lo >= -128 && hi <= 127
	}
	return most <= 127
}
