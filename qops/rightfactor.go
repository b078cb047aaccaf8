package qops

import (
	"math"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel"
)

// ErrWhole says that an op gives other bits by rows than at once, because what all rows have decides about each. The
// caller runs it at once instead.
var ErrWhole = errors.New("qops: the rows decide together")

// RightFactor is a matrix on the right of many products, such as a weight of a recurrent layer: packed once per run.
type RightFactor struct {
	packed map[kernel.Sum]*kernel.Right[float32]
	fresh  map[kernel.Sum]bool
}

// Renew lets the next run pack the matrix anew.
func (f *RightFactor) Renew() { clear(f.fresh) }

// pack returns the packed matrix for products that o sums as told.
func (f *RightFactor) pack(o *Dense, b []float32, sum kernel.Sum) *kernel.Right[float32] {
	if f.packed == nil {
		f.packed, f.fresh = map[kernel.Sum]*kernel.Right[float32]{}, map[kernel.Sum]bool{}
	}
	r := f.packed[sum]
	if r == nil {
		r = &kernel.Right[float32]{}
		f.packed[sum] = r
	}
	if !f.fresh[sum] {
		r.Pack(b, o.k, o.n, o.TransB, sum, 1)
		f.fresh[sum] = true
	}
	return r
}

// LeftFactors keeps a goroutine's latest left factors packed, for several products with one.
type LeftFactors struct {
	slots [4]struct {
		of   *Array
		left kernel.Left[float32]
	}
	next int
}

// Renew forgets the factors of an earlier run.
func (l *LeftFactors) Renew() {
	for i := range l.slots {
		l.slots[i].of = nil
	}
}

// of returns the rows of a, which must be the same at every call between two renewals.
func (l *LeftFactors) of(a *Array, lo, hi int) *kernel.Left[float32] {
	for i := range l.slots {
		if l.slots[i].of == a {
			return &l.slots[i].left
		}
	}
	s := &l.slots[l.next%len(l.slots)]
	l.next++
	k := a.Shape[1]
	s.of = a
	s.left.Set(a.F32[lo*k:hi*k], hi-lo, k)
	return &s.left
}

// RowProduct is a dense op's run by rows.
type RowProduct struct {
	right *kernel.Right[float32]
	sum   kernel.Sum
	// lowest and highest bound the exponents of the left rows' steps for which the sum is this one; it is Sequence
	// beyond them.
	lowest, highest int
}

// ByRow tells which operands of the op a row of its output needs only the same row of; nil if it needs all of both.
func (o *Dense) ByRow() []bool {
	if o.TransA {
		return nil
	}
	return []bool{true, false}
}

// BeginRows comes before RunRows, when the right operand and the formats of both are known. It returns ErrWhole if the
// product cannot be taken by rows.
func (o *Dense) BeginRows(c *Call, p *RowProduct, right *RightFactor) error {
	*p = RowProduct{}
	a, b := c.In[0], c.In[1]
	if !c.FloatSum && a.Grid != nil && b.Grid != nil {
		blocks := a.Grid.Scales.Blocks
		vs, fs, terms := o.product().factors([2]Operand{{a.Grid.Format, blocks, a.Shape}, {b.Grid.Format, b.Grid.Scales.Blocks, b.Shape}})
		if scaled(fs[0].Format) || scaled(fs[1].Format) || vs[0] != constant || blocks.Count > 1 && blocks.Count != a.Shape[0] {
			return ErrWhole
		}
		if steps, ok := stepsOf(b); ok {
			lowest, highest, _ := steps.extremes()
			e := Exponents{}
			if vs[1] != constant {
				e.Spread = highest - lowest
			}
			p.sum = Certify(fs[0], fs[1], terms, e, false).Sum
			_, mostA, _ := fs[0].Format.Lattice()
			_, mostB, _ := fs[1].Format.Lattice()
			p.lowest = smallestExponent - lowest
			p.highest = largestExponent - bits(float64(terms.Count)*mostA*mostB) - highest - 1
		}
	}
	p.right = right.pack(o, b.F32, p.sum)
	return nil
}

// RunRows computes the rows lo to hi of the output. It returns ErrWhole where the exponents of these rows ask for another
// sum than the formats let BeginRows expect.
func (o *Dense) RunRows(c *Call, p *RowProduct, lefts *LeftFactors, lo, hi int) error {
	a := c.In[0]
	if p.sum != kernel.Sequence && !exponentsWithin(a, lo, hi, p.lowest, p.highest) {
		return ErrWhole
	}
	lefts.of(a, lo, hi).Multiply(c.Out.F32[lo*o.n:hi*o.n], p.right)
	return nil
}

// exponentsWithin reports whether the steps of the rows lo to hi that are not zero are powers of two with exponents in the
// bounds.
func exponentsWithin(a *Array, lo, hi, lowest, highest int) bool {
	scales := a.Grid.Scales
	unit, zeros := unitExponent(a.Grid.Format), lowestStep(a.Grid.Format)
	if scales.Blocks.Count == 1 {
		lo, hi = 0, 1
	}
	for block := lo; block < hi; block++ {
		step := scales.Step[block]
		if fraction, _ := math.Frexp(step); fraction != 0.5 {
			return false
		}
		if e := exponent(step) + unit; e >= lowest && e <= highest {
			continue
		}
		if step > zeros || !isZero(a.F32, scales.Blocks, block) {
			return false
		}
	}
	return true
}
