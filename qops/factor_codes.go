package qops

import (
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// codeFactor is an operand of sums of products as codes times powers of two: those of the blocks of the axis that is not
// summed over, or of one block. Where blocks change along the sum, codes count the smallest step, so that they take as
// many more bits as exponents spread.
type codeFactor struct {
	exponents []int
	low, high float64 // the least and the largest code
}

// bits is the width of the codes that the factor needs: 8, 16, or 0 if these do not do.
func (f codeFactor) bits() int {
	switch {
	case f.low >= -1<<7 && f.high < 1<<7:
		return 8
	case f.low >= -1<<15 && f.high < 1<<15:
		return 16
	}
	return 0
}

func (f codeFactor) most() float64 { return max(-f.low, f.high) }

// codeFactor returns false for an operand whose values are no such codes. s has room for the exponents.
func (p product) codeFactor(operand int, x *Array, s *steps) (f codeFactor, ok bool) {
	if x.Grid == nil || x.F32 == nil {
		return codeFactor{}, false
	}
	if f.low, f.high, ok = codesWithin(x.Grid.Format); !ok || f.bits() == 0 {
		return codeFactor{}, false
	}
	if !s.set(x) {
		return codeFactor{}, false
	}
	lowest, highest, _ := s.extremes()
	if p.variation(operand, x.Grid.Scales.Blocks, x.Shape) != constant {
		f.exponents = append(s.exponents[:0], lowest)
		if highest-lowest > 15 {
			return codeFactor{}, false
		}
		f.low, f.high = f.low*float64(int(1)<<(highest-lowest)), f.high*float64(int(1)<<(highest-lowest))
		return f, true
	}
	for block, zero := range s.zero { // zeros have any exponent
		if zero {
			s.exponents[block] = lowest
		}
	}
	f.exponents = s.exponents
	return f, true
}

// codesWithin are the bounds of a format's codes in units of a block's step; false if its values are no such codes.
func codesWithin(f number.Format) (low, high float64, ok bool) {
	_, most, ok := f.Lattice()
	if !ok || scaled(f) {
		return 0, 0, false
	}
	if lo, hi := f.CodeRange(); float64(max(-lo, hi)) == most { // not those that are bit patterns
		return float64(lo), float64(hi), true
	}
	return -most, most, true
}

// inInt32 returns the width of codes, 8 or 16, that the sums of a call can be taken over in int32, and the operands; 0 if
// they cannot. The certificate is that of the call.
func (p product) inInt32(c *Call, cert Certificate) (bits int, of [2]codeFactor) {
	if !cert.Exact || cert.Codes || cert.Sum == kernel.Blockwise || c.Out.F32 == nil {
		return 0, of
	}
	bound := float64(p.terms.Count)
	for i, x := range c.In {
		var ok bool
		if of[i], ok = p.codeFactor(i, x, &c.room().codes[i]); !ok || of[i].bits() == 0 {
			return 0, of
		}
		bits = max(bits, of[i].bits())
		bound *= of[i].most()
	}
	if bound >= exactInt32 {
		return 0, of
	}
	return bits, of
}
