package qops

import (
	"math"
	"slices"

	"github.com/halftone-go/halftone/internal/kernel"
)

// LeftFactors keeps a goroutine's latest left factors of products, for several products with one: the gates of a cell have
// x and h in common.
type LeftFactors struct {
	kept     [4]leftFactor
	next     int
	products []float32 // of several left factors below each other
}

// leftFactor is some rows of a matrix, or of several ones below each other, in the forms that products have asked for so
// far.
type leftFactor struct {
	arrays  []*Array // with one number of rows and columns
	lo, hi  int
	stacked []float32 // the rows of several arrays

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
		l.kept[i].arrays = nil
	}
}

// of returns the rows lo to hi of the arrays, which must be the same at every call between two renewals. Other rows than
// those of one array are copied.
func (l *LeftFactors) of(arrays []*Array, lo, hi int) *leftFactor {
	for i := range l.kept {
		if f := &l.kept[i]; slices.Equal(f.arrays, arrays) {
			return f
		}
	}
	f := &l.kept[l.next%len(l.kept)]
	l.next++
	f.arrays, f.lo, f.hi = arrays, lo, hi
	f.isSet, f.known = false, false
	for i := range f.codes {
		f.codes[i].isSet = false
	}
	f.stacked = f.stacked[:0]
	if len(arrays) > 1 {
		for _, a := range arrays {
			f.stacked = append(f.stacked, f.rowsOf(a)...)
		}
	}
	return f
}

func (f *leftFactor) columns() int { return f.arrays[0].Shape[1] }

func (f *leftFactor) count() int { return len(f.arrays) * (f.hi - f.lo) }

func (f *leftFactor) rowsOf(a *Array) []float32 { return a.F32[f.lo*f.columns() : f.hi*f.columns()] }

func (f *leftFactor) rows() []float32 {
	if len(f.arrays) > 1 {
		return f.stacked
	}
	return f.rowsOf(f.arrays[0])
}

// onFloats returns the rows as they are.
func (f *leftFactor) onFloats() *kernel.Left[float32] {
	if !f.isSet {
		f.floats.Set(f.rows(), f.count(), f.columns())
		f.isSet = true
	}
	return &f.floats
}

// onCodes returns the rows as codes of so many bits times the powers of two that exponentsWithin has found, false if they
// cannot be packed so.
func (f *leftFactor) onCodes(bits int) (*kernel.LeftCodes, bool) {
	c := &f.codes[bits/8-1]
	if !c.isSet {
		c.ok = c.left.Set(bits, f.rows(), f.count(), f.columns(), f.exponents)
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
	f.exponents, f.lowest, f.highest = f.exponents[:0], math.MaxInt, math.MinInt
	for _, a := range f.arrays {
		if !f.addExponents(a) {
			return false
		}
	}
	return true
}

func (f *leftFactor) addExponents(a *Array) bool {
	scales := &a.Grid.Scales
	unit, zeros := unitExponent(a.Grid.Format), lowestStep(a.Grid.Format)
	lo, hi := f.lo, f.hi
	if scales.Blocks.Count == 1 {
		lo, hi = 0, 1
	}
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
	if last := f.exponents[len(f.exponents)-1]; scales.Blocks.Count == 1 && len(f.arrays) > 1 { // one for each row
		for range f.hi - f.lo - 1 {
			f.exponents = append(f.exponents, last)
		}
	}
	return true
}
