package qops

import (
	"math"
	"sync"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// ErrWhole says that an op gives other bits by rows than at once, because what all rows have decides about each. The
// caller runs it at once instead.
var ErrWhole = errors.New("qops: the rows decide together")

// RightFactor is a matrix on the right of many products, such as a weight of a recurrent layer: what is known of it, and
// its packed forms, once per run.
type RightFactor struct {
	known           bool
	steps           steps
	isOnSteps       bool // all steps are powers of two, from 2^lowest to 2^highest
	lowest, highest int
	asCodes         codeFactor // if it has any
	hasCodes        bool
	codes           [2]codesForm // of 8 and of 16 bits
	floats          [3]floatForm // by kernel.Sum
	// certified is the certificate of products with a left factor of the format left, made when that was last asked for.
	certified Certificate
	left      number.Format

	mutex sync.Mutex
}

type codesForm struct {
	fresh, ok bool
	packed    kernel.RightCodes
}

type floatForm struct {
	fresh  bool
	packed kernel.Right[float32]
}

// Renew forgets the matrix that an earlier run had.
func (f *RightFactor) Renew() {
	f.known, f.left = false, number.Format{}
	for i := range f.codes {
		f.codes[i].fresh = false
	}
	for i := range f.floats {
		f.floats[i].fresh = false
	}
}

// learn finds out about the matrix, which is o's and lies on a grid.
func (f *RightFactor) learn(o *Dense, b *Array) {
	if f.known {
		return
	}
	f.known = true
	if f.isOnSteps = f.steps.set(b); f.isOnSteps {
		f.lowest, f.highest, _ = f.steps.extremes()
	}
	f.asCodes, f.hasCodes = o.product().codeFactor(1, b, &f.steps)
}

// onCodes returns the matrix as codes of so many bits, nil if it cannot be packed so.
func (f *RightFactor) onCodes(o *Dense, b *Array, bits int) *kernel.RightCodes {
	form := &f.codes[bits/8-1]
	if !form.fresh {
		form.ok = form.packed.Pack(bits, b.F32, o.k, o.n, o.TransB, f.asCodes.exponents)
		form.fresh = true
	}
	if !form.ok {
		return nil
	}
	return &form.packed
}

// onFloats returns the matrix for such sums. Rows may need it at the same time.
func (f *RightFactor) onFloats(o *Dense, b *Array, sum kernel.Sum) *kernel.Right[float32] {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	form := &f.floats[sum]
	if !form.fresh {
		form.packed.Pack(b.F32, o.k, o.n, o.TransB, sum, 1)
		form.fresh = true
	}
	return &form.packed
}

// RowProduct is a dense op's run by rows.
type RowProduct struct {
	right *RightFactor
	sum   kernel.Sum
	codes *kernel.RightCodes // the sums are taken over codes instead, if it is there
	bits  int                // of both operands' codes
	// lowest and highest bound the exponents of the left rows' steps for which sums are exact; a Sequence they are beyond.
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
	*p = RowProduct{right: right}
	a, b := c.In[0], c.In[1]
	if !c.FloatSum && a.Grid != nil && b.Grid != nil {
		if err := o.beginOnGrids(p, a, b); err != nil {
			return err
		}
	}
	if p.codes == nil {
		right.onFloats(o, b, p.sum)
	}
	return nil
}

func (o *Dense) beginOnGrids(p *RowProduct, a, b *Array) error {
	product := o.product()
	blocks := a.Grid.Scales.Blocks
	vs, fs, terms := product.factors([2]Operand{{a.Grid.Format, blocks, a.Shape}, {b.Grid.Format, b.Grid.Scales.Blocks, b.Shape}})
	if scaled(fs[0].Format) || scaled(fs[1].Format) || vs[0] != constant || blocks.Count > 1 && blocks.Count != a.Shape[0] {
		return ErrWhole
	}
	p.right.learn(o, b)
	if !p.right.isOnSteps {
		return nil
	}
	if p.right.left != fs[0].Format {
		e := Exponents{}
		if vs[1] != constant {
			e.Spread = p.right.highest - p.right.lowest
		}
		p.right.certified, p.right.left = Certify(fs[0], fs[1], terms, e, false), fs[0].Format
	}
	cert := p.right.certified
	_, mostA, _ := fs[0].Format.Lattice()
	_, mostB, _ := fs[1].Format.Lattice()
	p.lowest = smallestExponent - p.right.lowest
	p.highest = largestExponent - bits(float64(terms.Count)*mostA*mostB) - p.right.highest - 1
	p.sum = cert.Sum
	if cert.Sum == kernel.Blockwise {
		if cert.Exact { // blocks of one exact product each are added like the terms of a sequence
			p.sum = kernel.Sequence
		}
		return nil
	}
	if cert.Exact && p.right.hasCodes {
		o.beginOnCodes(p, a, b, terms.Count)
	}
	return nil
}

// beginOnCodes lets the sums be taken over codes in int32, if that holds them.
func (o *Dense) beginOnCodes(p *RowProduct, a, b *Array, terms int) {
	var left codeFactor
	var ok bool
	if left.low, left.high, ok = codesWithin(a.Grid.Format); !ok || left.bits() == 0 {
		return
	}
	if float64(terms)*left.most()*p.right.asCodes.most() >= exactInt32 {
		return
	}
	p.bits = max(left.bits(), p.right.asCodes.bits())
	if p.codes = p.right.onCodes(o, b, p.bits); p.codes == nil && p.bits == 8 {
		p.bits = 16 // which need no special instruction
		p.codes = p.right.onCodes(o, b, p.bits)
	}
}

// RunRows computes the rows lo to hi of the output. It returns ErrWhole where the exponents of these rows ask for another
// sum than the formats let BeginRows expect.
func (o *Dense) RunRows(c *Call, p *RowProduct, lefts *LeftFactors, lo, hi int) error {
	a, b, out := c.In[0], c.In[1], c.Out.F32[lo*o.n:hi*o.n]
	if p.codes != nil || p.sum != kernel.Sequence {
		exact := lefts.exponentsWithin(a, lo, hi, p.lowest, p.highest)
		if !exact && p.sum != kernel.Sequence {
			return ErrWhole
		}
		if exact && p.codes != nil {
			if left, ok := lefts.onCodes(a, lo, hi, p.bits); ok {
				o.ran([]Arithmetic{Int8, Int16}[p.bits/8-1])
				left.Multiply(out, p.codes)
				return nil
			}
		}
	}
	o.ran(Certificate{Sum: p.sum}.arithmetic())
	lefts.of(a, lo, hi).Multiply(out, p.right.onFloats(o, b, p.sum))
	return nil
}

// exponentsWithin reports whether the steps of the rows lo to hi that are not zero are powers of two with exponents in the
// bounds. It leaves the exponents in l.
func (l *LeftFactors) exponentsWithin(a *Array, lo, hi, lowest, highest int) bool {
	scales := a.Grid.Scales
	unit, zeros := unitExponent(a.Grid.Format), lowestStep(a.Grid.Format)
	if scales.Blocks.Count == 1 {
		lo, hi = 0, 1
	}
	l.exponents = l.exponents[:0]
	for block := lo; block < hi; block++ {
		step := scales.Step[block]
		fraction, e := math.Frexp(step)
		if fraction != 0.5 {
			return false
		}
		e += unit - 1
		if step <= zeros && isZero(a.F32, scales.Blocks, block) {
			e = 0 // or any other
		} else if e < lowest || e > highest {
			return false
		}
		l.exponents = append(l.exponents, e)
	}
	return true
}
