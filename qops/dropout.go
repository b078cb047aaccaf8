package qops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// Random is implemented by ops that draw random bits of their own; a graph names their stream.
type Random interface{ SetStream(s number.Stream) }

// Dropout is, with probability p, 0, and otherwise x/(1-p): element e is dropped where its 16 random bits are below
// round(p*2^16). In evaluation it is x. The gradient drops the same elements and has the same factor 1/(1-p);
// Gorgonia's has 1/p.
type Dropout struct {
	base
	Probability float64
	gradient    bool
	stream      *number.Stream // shared by the op and its gradient
}

var _ Random = (*Dropout)(nil)

// NewDropout adds the dropout of x with probability p, 0 <= p < 1.
func NewDropout(x *gorgonia.Node, p float64) (*gorgonia.Node, error) {
	if !(p >= 0 && p < 1) {
		return nil, errors.Errorf("qops: dropout with probability %v, wanted 0 <= p < 1", p)
	}
	op := &Dropout{base: newBase("dropout", "out", x.Shape(), x), Probability: p, stream: &number.Stream{}}
	return apply(op, x), nil
}

// SetStream implements Random.
func (o *Dropout) SetStream(s number.Stream) {
	if !o.gradient {
		*o.stream = s
	}
}

// Do implements gorgonia.Op.
func (o *Dropout) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Dropout) DiffWRT(int) []bool { return []bool{!o.gradient} }

// SymDiff implements gorgonia.SDOp.
func (o *Dropout) SymDiff(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	op := &Dropout{base: newBase("dropout", "out", o.shape, grad), Probability: o.Probability, gradient: true, stream: o.stream}
	return gorgonia.Nodes{apply(op, grad)}, nil
}

// Run implements Op.
func (o *Dropout) Run(c *Call) error {
	return byType(c, func(c *Call) { dropout[float32](o, c) }, func(c *Call) { dropout[float64](o, c) })
}

func dropout[T Float](o *Dropout, c *Call) {
	x, out := Data[T](c.In[0]), Data[T](c.Out)
	if c.Evaluation {
		copy(out, x)
		return
	}
	draw := number.Draw{Stream: *o.stream, Execution: c.Execution, Domain: c.Domain}
	bound := uint32(math.RoundToEven(o.Probability * (1 << 16)))
	keep := T(1 / (1 - o.Probability))
	parallel.For(c.Out.Size(), grain, c.Threads, func(lo, hi int) {
		for e := lo; e < hi; e++ {
			if uint32(draw.Bits(number.ElementIndex(o.shape, e))) < bound {
				out[e] = 0
			} else {
				out[e] = x[e] * keep
			}
		}
	})
}
