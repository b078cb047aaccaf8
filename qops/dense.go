package qops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Dense is the matrix product c = op(a) op(b) of a dense layer or one of its gradients, where op transposes or not.
type Dense struct {
	base
	arithmetic
	TransA, TransB bool
	m, n, k        int
	scratch        codeScratch
	interior       interiorScratch
}

// NewDense adds the product of op(a) with op(b); both are matrices.
func NewDense(a, b *gorgonia.Node, transA, transB bool) (*gorgonia.Node, error) {
	as, bs := a.Shape(), b.Shape()
	if len(as) != 2 || len(bs) != 2 {
		return nil, errors.Errorf("qops: dense of %v and %v: wanted two matrices", as, bs)
	}
	op := newDense(a, b, transA, transB, "input", "weight")
	kb := bs[0]
	if transB {
		kb = bs[1]
	}
	if op.k != kb {
		return nil, errors.Errorf("qops: dense of %v and %v (transposed: %v, %v): inner dimensions differ", as, bs, transA, transB)
	}
	return apply(op, a, b), nil
}

func newDense(a, b *gorgonia.Node, transA, transB bool, nameA, nameB string) *Dense {
	as, bs := a.Shape(), b.Shape()
	m, k, n := as[0], as[1], bs[1]
	if transA {
		m, k = as[1], as[0]
	}
	if transB {
		n = bs[0]
	}
	return &Dense{base: newBase("dense", "out", []int{m, n}, a, b).of(nameA, nameB), TransA: transA, TransB: transB, m: m, n: n, k: k}
}

// Do implements gorgonia.Op.
func (o *Dense) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Dense) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff implements gorgonia.SDOp:
//
//	da = op(dc op(b)ᵀ), db = op(op(a)ᵀ dc).
func (o *Dense) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	a, b := in[0], in[1]
	var da, db *Dense
	var daIn, dbIn gorgonia.Nodes
	if o.TransA {
		daIn = gorgonia.Nodes{b, grad}
		da = newDense(b, grad, o.TransB, true, "weight", "error")
	} else {
		daIn = gorgonia.Nodes{grad, b}
		da = newDense(grad, b, false, !o.TransB, "error", "weight")
	}
	if o.TransB {
		dbIn = gorgonia.Nodes{grad, a}
		db = newDense(grad, a, true, o.TransA, "error", "input")
	} else {
		dbIn = gorgonia.Nodes{a, grad}
		db = newDense(a, grad, !o.TransA, false, "input", "error")
	}
	return gorgonia.Nodes{apply(da, daIn...), apply(db, dbIn...)}, nil
}

// ChannelAxis is the axis of the output channels of an operand that is a weight: 1 of a weight (in, out), 0 of one that
// is transposed or stands on the left.
func (o *Dense) ChannelAxis(operand int) int {
	if operand == 0 && !o.TransA || operand == 1 && o.TransB {
		return 0
	}
	return 1
}

func (o *Dense) product() product {
	p := product{terms: Terms{o.k, 1}, summed: [2][]int{{1}, {0}}, outer: [2]int{0, 1}}
	if o.TransA {
		p.summed[0] = []int{0}
	}
	if o.TransB {
		p.summed[1] = []int{1}
	}
	return p
}

// Certificate implements Summing.
func (o *Dense) Certificate(a, b Operand, wide bool) Certificate {
	return o.product().certificate(a, b, wide)
}

// Run implements Op.
func (o *Dense) Run(c *Call) error {
	if c.Interior != nil {
		return c.Interior.run(c, o, &o.interior)
	}
	if o.runBySample(c) {
		o.ran(Int16)
		return nil
	}
	p := o.product()
	cert := p.decide(c)
	o.ran(cert.arithmetic())
	if cert.Codes {
		if in, ok := o.scratch.runInt32(c, o); ok {
			o.ran(in)
			return nil
		}
		return o.scratch.run(c, p.outer, func(out, a, b []float64) { runDense(o, out, a, b, cert.Sum, c.Threads) })
	}
	if in, ok := o.runCodes(c, cert); ok {
		o.ran(in)
		return nil
	}
	return byType(c,
		func(c *Call) { runDense(o, c.Out.F32, c.In[0].F32, c.In[1].F32, cert.Sum, c.Threads) },
		func(c *Call) { runDense(o, c.Out.F64, c.In[0].F64, c.In[1].F64, cert.Sum, c.Threads) })
}

func runDense[T Float](o *Dense, out, a, b []T, sum kernel.Sum, threads int) {
	kernel.MatMul(out, a, b, o.m, o.n, o.k, o.TransA, o.TransB, sum, 1, threads)
}
