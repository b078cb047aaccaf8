package qops

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/qops/number"
)

// steps are the exponents of an operand's steps, by block. A block of zeros has none: it adds nothing to a sum.
type steps struct {
	exponents []int
	zero      []bool
}

// callRoom is memory for what a call finds out about its operands, which it keeps from run to run.
type callRoom struct {
	steps, codes [2]steps
	paired       steps
}

// room returns the call's.
func (c *Call) room() *callRoom {
	if c.found == nil {
		c.found = &callRoom{}
	}
	return c.found
}

// resize makes room for n blocks.
func (s *steps) resize(n int) {
	s.exponents, s.zero = slices.Grow(s.exponents[:0], n)[:n], slices.Grow(s.zero[:0], n)[:n]
}

// set finds out the steps of an array. It returns false if one is no power of two, as in blocks that are NaN or have a
// scale with a mantissa, or does not say in which multiples the values come.
func (s *steps) set(x *Array) bool {
	scales := &x.Grid.Scales
	s.resize(len(scales.Step))
	unit := unitExponent(x.Grid.Format)
	lowest := lowestStep(x.Grid.Format)
	for block, step := range scales.Step {
		if fraction, _ := math.Frexp(step); fraction != 0.5 {
			return false
		}
		s.exponents[block] = exponent(step) + unit
		// Only the lowest step can be that of zeros, so hardly ever a block is searched.
		s.zero[block] = step <= lowest
		if s.zero[block] && scales.Blocks.Layout.Width == 0 {
			s.zero[block] = x.isZero(block)
		}
	}
	if scales.Blocks.Layout.Width > 0 && slices.Contains(s.zero, true) {
		clearNonzero(s.zero, x.F32, scales.Blocks)
		clearNonzero(s.zero, x.F64, scales.Blocks)
	}
	for block, step := range scales.Step {
		if !s.zero[block] && !x.Grid.Format.OnLattice(step) {
			return false
		}
	}
	return true
}

// lowestStep is the step of a block of zeros, 0 for formats whose step does not depend on the values.
func lowestStep(f number.Format) float64 {
	switch f.Kind() {
	case "bfp":
		return math.Ldexp(1, -(1<<(f.ExponentWidth()-1))-f.Width()+2)
	case "mx":
		return 0x1p-127
	default:
		return 0
	}
}

// isZero reports that a block holds nothing but zeros.
func (a *Array) isZero(block int) bool {
	blocks := a.Grid.Scales.Blocks
	if a.Fleeting {
		return isZero(a.Bytes, blocks, block)
	}
	return isZero(a.F32, blocks, block) && isZero(a.F64, blocks, block)
}

func isZero[T Float | int8](x []T, blocks number.Blocks, block int) bool {
	for start := block * blocks.Inner; start < len(x); start += blocks.Count * blocks.Inner {
		for _, v := range x[start : start+blocks.Inner] {
			if v != 0 {
				return false
			}
		}
	}
	return true
}

// clearNonzero takes the mark from tiles that hold something.
func clearNonzero[T Float](zero []bool, x []T, blocks number.Blocks) {
	for e, v := range x {
		if v != 0 {
			zero[blocks.Of(e)] = false
		}
	}
}

// exponents joins the steps of two operands to those of their products.
func (r *callRoom) exponents(vs [2]variation) Exponents {
	of := &r.steps
	if vs[0] == byGroup && vs[1] == byGroup { // the blocks of a group meet each other and no others
		paired := &r.paired
		paired.resize(len(of[0].exponents))
		for g := range paired.exponents {
			paired.exponents[g] = of[0].exponents[g] + of[1].exponents[g]
			paired.zero[g] = of[0].zero[g] || of[1].zero[g]
		}
		lowest, highest, some := paired.extremes()
		if !some {
			return Exponents{}
		}
		return Exponents{Lowest: lowest, Highest: highest, Spread: highest - lowest}
	}
	var e Exponents
	for i := range of {
		lowest, highest, some := of[i].extremes()
		if !some {
			return Exponents{} // all products are zero
		}
		e.Lowest, e.Highest = e.Lowest+lowest, e.Highest+highest
		if vs[i] != constant {
			e.Spread += highest - lowest
		}
	}
	return e
}

// extremes are the lowest and highest exponent; there are none if all blocks are zero.
func (s *steps) extremes() (lowest, highest int, some bool) {
	for block, e := range s.exponents {
		if s.zero[block] {
			continue
		}
		if !some {
			lowest, highest, some = e, e, true
		}
		lowest, highest = min(lowest, e), max(highest, e)
	}
	return lowest, highest, some
}
