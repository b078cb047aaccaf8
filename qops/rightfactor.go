package qops

import (
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

// RowProduct is a dense op's run by rows, bound to the memory of its arrays: a run of its rows reads little else.
type RowProduct struct {
	op         *Dense
	left, of   *Array // the factors
	out        []float32
	columns    int
	right      *RightFactor
	floats     *kernel.Right[float32] // nil where it is not needed as far as formats tell
	codes      *kernel.RightCodes     // the sums are taken over codes instead, if it is there
	bits       int                    // of both operands' codes
	sum        kernel.Sum
	arithmetic Arithmetic // that of these sums
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
// product cannot be taken by rows. Products with one right factor begin one after the other.
func (o *Dense) BeginRows(c *Call, p *RowProduct, right *RightFactor) error {
	*p = RowProduct{op: o, left: c.In[0], of: c.In[1], out: c.Out.F32, columns: o.n, right: right}
	if !c.FloatSum && p.left.Grid != nil && p.of.Grid != nil {
		if err := p.beginOnGrids(); err != nil {
			return err
		}
	}
	p.arithmetic = Certificate{Sum: p.sum}.arithmetic()
	if p.codes == nil {
		p.floats = right.onFloats(o, p.of, p.sum)
	}
	return nil
}

func (p *RowProduct) beginOnGrids() error {
	o, a, b := p.op, p.left, p.of
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
		p.beginOnCodes(terms.Count)
	}
	return nil
}

// beginOnCodes lets the sums be taken over codes in int32, if that holds them.
func (p *RowProduct) beginOnCodes(terms int) {
	var left codeFactor
	var ok bool
	if left.low, left.high, ok = codesWithin(p.left.Grid.Format); !ok || left.bits() == 0 {
		return
	}
	if float64(terms)*left.most()*p.right.asCodes.most() >= exactInt32 {
		return
	}
	p.bits = max(left.bits(), p.right.asCodes.bits())
	if p.codes = p.right.onCodes(p.op, p.of, p.bits); p.codes == nil && p.bits == 8 {
		p.bits = 16 // which need no special instruction
		p.codes = p.right.onCodes(p.op, p.of, p.bits)
	}
}

// multiply sets out to the product of the left rows. It returns ErrWhole where their exponents ask for another sum than the
// formats let BeginRows expect.
func (p *RowProduct) multiply(left *leftFactor, out []float32) error {
	if p.codes != nil || p.sum != kernel.Sequence {
		exact := left.exponentsWithin(p.lowest, p.highest)
		if !exact && p.sum != kernel.Sequence {
			return ErrWhole
		}
		if exact && p.codes != nil {
			if codes, ok := left.onCodes(p.bits); ok {
				p.op.ran([]Arithmetic{Int8, Int16}[p.bits/8-1])
				codes.Multiply(out, p.codes)
				return nil
			}
		}
	}
	p.op.ran(p.arithmetic)
	floats := p.floats
	if floats == nil {
		floats = p.right.onFloats(p.op, p.of, p.sum)
	}
	left.onFloats().Multiply(out, floats)
	return nil
}
