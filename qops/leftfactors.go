package qops

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
)

// LeftFactors keeps a goroutine's latest left factors of products, for several products with one: the gates of a cell have
// x and h in common.
type LeftFactors struct {
	kept [4]leftFactor
	next int
}

// leftFactor is some rows of a matrix, in the forms that products have asked for so far.
type leftFactor struct {
	array  *Array
	lo, hi int

	isSet  bool
	floats kernel.Left[float32]

	codes [2]struct { // of 8 and of 16 bits
		isSet, ok bool
		left      kernel.LeftCodes
	}

	// What is known of its steps, if it is: whether those that are not zero are powers of two, the exponents of all, and the
	// lowest and the highest of those that count.
	known, powers   bool
	exponents       []int
	lowest, highest int
}

// Renew forgets the factors of an earlier run.
func (l *LeftFactors) Renew() {
	for i := range l.kept {
		l.kept[i].array = nil
	}
}

// of returns the rows lo to hi of a, which must be the same at every call between two renewals.
func (l *LeftFactors) of(a *Array, lo, hi int) *leftFactor {
	for i := range l.kept {
		if f := &l.kept[i]; f.array == a {
			return f
		}
	}
	f := &l.kept[l.next%len(l.kept)]
	l.next++
	f.array, f.lo, f.hi = a, lo, hi
	f.isSet, f.known = false, false
	for i := range f.codes {
		f.codes[i].isSet = false
	}
	return f
}

func (f *leftFactor) rows() []float32 {
	return f.array.F32[f.lo*f.array.Shape[1] : f.hi*f.array.Shape[1]]
}

// onFloats returns the rows as they are.
func (f *leftFactor) onFloats() *kernel.Left[float32] {
	if !f.isSet {
		f.floats.Set(f.rows(), f.hi-f.lo, f.array.Shape[1])
		f.isSet = true
	}
	return &f.floats
}

// onCodes returns the rows as codes of so many bits times the powers of two that exponentsWithin has found, false if they
// cannot be packed so.
func (f *leftFactor) onCodes(bits int) (*kernel.LeftCodes, bool) {
	c := &f.codes[bits/8-1]
	if !c.isSet {
		c.ok = c.left.Set(bits, f.rows(), f.hi-f.lo, f.array.Shape[1], f.exponents)
		c.isSet = true
	}
	return &c.left, c.ok
}

// exponentsWithin reports whether the steps of the rows that are not zero are powers of two with exponents in the bounds.
func (f *leftFactor) exponentsWithin(lowest, highest int) bool {
	if !f.known {
		f.known, f.powers = true, f.findExponents()
	}
	return f.powers && f.lowest >= lowest && f.highest <= highest
}

func (f *leftFactor) findExponents() bool {
	a := f.array
	scales := &a.Grid.Scales
	unit, zeros := unitExponent(a.Grid.Format), lowestStep(a.Grid.Format)
	lo, hi := f.lo, f.hi
	if scales.Blocks.Count == 1 {
		lo, hi = 0, 1
	}
	f.exponents, f.lowest, f.highest = f.exponents[:0], math.MaxInt, math.MinInt
	for block := lo; block < hi; block++ {
		step := scales.Step[block]
		fraction, e := math.Frexp(step)
		if fraction != 0.5 {
			return false
		}
		e += unit - 1
		if step <= zeros && isZero(a.F32, scales.Blocks, block) {
			e = 0 // or any other
		} else {
			f.lowest, f.highest = min(f.lowest, e), max(f.highest, e)
		}
		f.exponents = append(f.exponents, e)
	}
	return true
}
