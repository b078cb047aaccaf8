package qops

import (
	"slices"
	"unsafe"
)

// Work is what an execution of an op takes at the least, whichever way it runs.
type Work struct {
	// Operations are multiplications, additions, subtractions, comparisons, quotients, roots and values of elementary
	// functions; a multiply-add counts as two.
	Operations float64
	// Bytes are those of the operands and of the output, each moved once: less than an op moves whose operands do not fit
	// the cache, more than one that finds them there.
	Bytes float64
}

// Working is implemented by ops whose operations are not a fixed number per element.
type Working interface {
	// Operations counts those of a call.
	Operations(c *Call) float64
}

// WorkOf is the work of an op on the arrays of a call, whose shapes are those that the op was made for. An op that is not
// known has one operation per element of the output; one that moves values to where they are already does nothing.
func WorkOf(op Op, c *Call) Work {
	if op.Moves() && samePlace(c.In[0], c.Out) {
		return Work{}
	}
	w := Work{Operations: operations(op, c)}
	for i, a := range c.In {
		if !slices.Contains(c.In[:i], a) {
			w.Bytes += bytesOf(a)
		}
	}
	w.Bytes += bytesOf(c.Out)
	return w
}

func samePlace(a, b *Array) bool {
	return unsafe.SliceData(a.F32) == unsafe.SliceData(b.F32) && unsafe.SliceData(a.F64) == unsafe.SliceData(b.F64)
}

func bytesOf(a *Array) float64 { return float64(4*len(a.F32) + 8*len(a.F64)) }

func operations(op Op, c *Call) float64 {
	if op.Moves() {
		return 0
	}
	if w, ok := op.(Working); ok {
		return w.Operations(c)
	}
	of := c.Out
	if readsMore(op) {
		of = c.In[0]
	}
	return perElement(op) * float64(size(of.Shape))
}

// readsMore reports that an op has an operation for every element of its first operand, and fewer outputs.
func readsMore(op Op) bool {
	switch op := op.(type) {
	case *BatchMean, *BatchVariance, *ChannelSum, *Reduce, *SoftmaxLoss:
		return true
	case *AveragePool:
		return !op.gradient
	}
	return false
}

// perElement is the number of operations per element of the output, or, where there are more of these, of the first operand.
func perElement(op Op) float64 {
	switch op := op.(type) {
	case *Normalise, *ScaleShift:
		return 2
	case *BatchVariance, *InverseDeviation: // subtract, square, add; add, root, quotient
		return 3
	case *NormaliseGrad: // invstd * (d - mean - y*dot)
		return 4
	case *ChannelSum:
		if op.dot {
			return 2
		}
	case *Unary:
		if op.f32 == nil {
			return 3 // such as grad * y * (1 - y)
		}
	case *SoftmaxLoss: // maximum, difference, exponential, sum; difference, product, sum
		return 7
	case *SoftmaxLossGrad: // the first four; quotient, product, difference, product
		return 8
	case *Quantize: // quotient, random bits, rounding, two comparisons, product
		return 6
	}
	return 1
}

// Operations implements Working: a multiply-add per term of each sum. Terms in the padding count, as they do in the figures
// that networks are described with.
func (o *Conv) Operations(*Call) float64 {
	p := o.Kernel
	return 2 * float64(p.N*p.OC*p.OH()*p.OW()) * float64(p.C*p.KH*p.KW)
}

// Operations implements Working: a multiply-add per term of each sum.
func (o *Dense) Operations(*Call) float64 { return 2 * float64(o.m) * float64(o.n) * float64(o.k) }
