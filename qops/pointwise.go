package qops

import "github.com/halftone-go/halftone/internal/kernel"

// Pointwise is an elementwise op on float32 matrices, or the addition of a bias to their rows, bound to the memory of its
// arrays. The ops of a recurrent network are many and so small that finding a call's arrays, and their parts, would take as
// long as the arithmetic.
type Pointwise struct {
	one       func(dst, x []float32)    // one of the two
	two       func(dst, x, y []float32) //
	out, x, y []float32
	width     int  // of a row
	bias      bool // y is one row, for all
}

// Bind binds the op to the memory that the call's arrays have now. It returns false if it is none of this kind.
func (p *Pointwise) Bind(op Op, c *Call) bool {
	if len(c.Out.Shape) != 2 || c.Out.F64 != nil {
		return false
	}
	*p = Pointwise{}
	switch o := op.(type) {
	case *Binary:
		p.two = [...]func(dst, x, y []float32){kernel.Add[float32], kernel.Subtract[float32], kernel.Multiply[float32]}[o.what]
	case *BiasAdd:
		p.two, p.bias = kernel.Add[float32], true
	case *Unary:
		if p.one = o.f32; p.one == nil {
			p.two = o.back32
		}
		if p.one == nil && p.two == nil {
			return false
		}
	default:
		return false
	}
	p.out, p.x, p.width = c.Out.F32, c.In[0].F32, c.Out.Shape[1]
	if p.two != nil {
		p.y = c.In[1].F32
	}
	return true
}

// Run computes the rows lo to hi of the output.
func (p *Pointwise) Run(lo, hi int) {
	from, to := lo*p.width, hi*p.width
	switch {
	case p.one != nil:
		p.one(p.out[from:to], p.x[from:to])
	case !p.bias:
		p.two(p.out[from:to], p.x[from:to], p.y[from:to])
	default:
		for ; from < to; from += p.width {
			p.two(p.out[from:from+p.width], p.x[from:from+p.width], p.y)
		}
	}
}
