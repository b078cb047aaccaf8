package qops

import "slices"

// RowProducts are dense ops that run by rows together: products of some left factors, each with all of some right ones.
// So the gates of an LSTM's step are one product of the state, or of the input, with their weights side by side; and where
// samples are few, the input's rows of several steps in time are one left factor, with the rows of all below each other.
type RowProducts struct {
	lefts    []*Array
	products []RowProduct // of the first right factor with all left ones, then of the next
}

// NewRowProducts makes room for products of these calls: those of so many left factors with the first right one, then of the
// same left factors with the next.
func NewRowProducts(calls []*Call, lefts int) *RowProducts {
	r := &RowProducts{products: make([]RowProduct, len(calls))}
	for _, c := range calls[:lefts] {
		r.lefts = append(r.lefts, c.In[0])
	}
	return r
}

// Product is one of them, which has to begin before the rows run.
func (r *RowProducts) Product(i int) *RowProduct { return &r.products[i] }

// RunRows computes the rows lo to hi of all outputs. It returns ErrWhole where the exponents of these rows ask for another
// sum than the formats let BeginRows expect.
func (r *RowProducts) RunRows(lefts *LeftFactors, lo, hi int) error {
	n := len(r.lefts)
	for first := 0; first < len(r.products); first += n {
		if err := r.withRight(r.products[first:first+n], lefts, lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// withRight takes the products with one right factor.
func (r *RowProducts) withRight(products []RowProduct, lefts *LeftFactors, lo, hi int) error {
	p := &products[0]
	if len(products) > 1 && !slices.ContainsFunc(products[1:], func(q RowProduct) bool { return !p.alike(&q) }) {
		left := lefts.of(r.lefts, lo, hi)
		out := resizeFloats(lefts.products, left.count()*p.columns)
		lefts.products = out
		if err := p.multiply(left, out); err != nil {
			return err
		}
		rows := (hi - lo) * p.columns
		for i := range products {
			copy(products[i].out[lo*p.columns:], out[i*rows:(i+1)*rows])
			products[i].op.ran(p.op.RanIn())
		}
		return nil
	}
	for i := range products {
		p := &products[i]
		if err := p.multiply(lefts.of(r.lefts[i:i+1], lo, hi), p.out[lo*p.columns:hi*p.columns]); err != nil {
			return err
		}
	}
	return nil
}

// alike reports that two products with one right factor are taken in one way.
func (p *RowProduct) alike(q *RowProduct) bool {
	return p.sum == q.sum && p.codes == q.codes && p.bits == q.bits && p.floats == q.floats && p.lowest == q.lowest && p.highest == q.highest
}
