package qops

import (
	"math"

	"github.com/halftone-go/halftone/qops/number"
)

// Operand is a tensor in sums of products: the format that it was rounded to, its blocks, and its shape in the op.
type Operand struct {
	Format number.Format
	Blocks number.Blocks
	Shape  []int
}

// Summing is implemented by ops that take sums of products.
type Summing interface {
	// Certificate says before a run which arithmetic gives the sums exactly; wide for float64 tensors. Exponents that
	// are known only in a run are taken as harmless and equal; Certificate.Spread says that they decide.
	Certificate(a, b Operand, wide bool) Certificate
	// Expected is the arithmetic that a run takes, under the current instruction set; likewise as far as formats tell.
	Expected(a, b Operand, wide bool) Arithmetic
	product() product
}

var (
	_ Summing = (*Conv)(nil)
	_ Summing = (*Dense)(nil)
	_ Op      = (*Conv)(nil)
	_ Op      = (*Dense)(nil)
)

// product is the geometry of an op's sums over two operands.
type product struct {
	terms Terms
	// summed are the axes of each operand that a sum runs over, the one along which its groups follow first.
	summed [2][]int
	// outer is the axis of the output along which an operand changes that is constant in a sum.
	outer [2]int
}

// variation says how an operand's blocks lie in a sum.
type variation int

const (
	constant  variation = iota // one block per sum
	byGroup                    // one block per group of terms
	irregular                  // any other way
)

func (p product) variation(operand int, blocks number.Blocks, shape []int) variation {
	if blocks.Count <= 1 {
		return constant
	}
	axis := blockAxis(blocks, shape)
	switch {
	case axis == p.summed[operand][0]:
		return byGroup
	case axis < 0:
		return irregular
	}
	for _, s := range p.summed[operand] {
		if s == axis {
			return irregular
		}
	}
	return constant
}

// blockAxis is the axis along which blocks change, -1 if it is not a single one.
func blockAxis(blocks number.Blocks, shape []int) int {
	if blocks.Layout.Width > 0 {
		return -1
	}
	inner := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		if inner == blocks.Inner && shape[axis] == blocks.Count {
			return axis
		}
		inner *= shape[axis]
	}
	return -1
}

// factors describes the operands, and the terms with the groups that they leave.
func (p product) factors(of [2]Operand) ([2]variation, [2]Factor, Terms) {
	var vs [2]variation
	var fs [2]Factor
	terms := p.terms
	for i, o := range of {
		vs[i] = p.variation(i, o.Blocks, o.Shape)
		fs[i] = Factor{Format: o.Format, Varies: vs[i] != constant}
		if vs[i] == irregular && terms.Group > 1 {
			terms.Group = 0
		}
	}
	return vs, fs, terms
}

// certificate certifies an op before a run.
func (p product) certificate(a, b Operand, wide bool) Certificate {
	of := [2]Operand{a, b}
	var e Exponents
	for _, o := range of {
		if step := o.Format.Step(); step > 0 {
			e.Lowest += exponent(step)
		}
		e.Lowest += unitExponent(o.Format)
	}
	e.Highest = e.Lowest
	_, fs, terms := p.factors(of)
	return Certify(fs[0], fs[1], terms, e, wide)
}

// decide certifies one execution, with the exponents that the operands have.
func (p product) decide(c *Call) Certificate {
	a, b := c.In[0], c.In[1]
	wide := a.F64 != nil
	if c.FloatSum || a.Grid == nil || b.Grid == nil {
		return inFloats
	}
	vs, fs, terms := p.factors([2]Operand{
		{a.Grid.Format, a.Grid.Scales.Blocks, a.Shape},
		{b.Grid.Format, b.Grid.Scales.Blocks, b.Shape},
	})
	var e Exponents
	if !scaled(fs[0].Format) && !scaled(fs[1].Format) {
		r := c.room()
		if !r.steps[0].set(a) || !r.steps[1].set(b) {
			return notExact("not exact: a step is no power of two; fused multiply-adds in ascending order")
		}
		e = r.exponents(vs)
	}
	return Certify(fs[0], fs[1], terms, e, wide)
}

// inFloats is the certificate of sums over an operand that is not quantized.
var inFloats = Certify(Factor{}, Factor{}, Terms{}, Exponents{}, false)

func exponent(step float64) int { return math.Ilogb(step) }
