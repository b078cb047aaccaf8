package qops

import (
	"fmt"
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// Bounds of exact arithmetic: integers up to these are sums that float32, int32 and float64 hold exactly.
const (
	exactFloat32 = 1 << 24
	exactInt32   = 1 << 31
	exactFloat64 = 1 << 53
)

// smallestExponent is that of the smallest positive float32: a product's step below it is not a float32 number.
const smallestExponent = -149

// Factor is one operand of a sum of products, as far as exactness is concerned.
type Factor struct {
	Format number.Format
	// Varies is set when the operand's block changes along the sum: its terms then come in groups, one block each.
	Varies bool
}

// Certificate says which arithmetic gives an op's sums of products exactly.
type Certificate struct {
	// Sum is what the kernel does.
	Sum kernel.Sum
	// Exact is set when the result is the exact sum, rounded once (Blockwise: each block's sum rounded once, then
	// added in ascending order).
	Exact bool
	// Reason is the bound that holds, or the one that does not, in words.
	Reason string
	// Spread is set when the decision needs the exponents of the blocks, which only a run knows.
	Spread bool
	// Codes is set when the sum is taken over codes and scaled once (formats whose scale is no power of two).
	Codes bool
}

// Certify decides how sums of `terms` products of a and b are taken; `group` is the number of terms that share one
// block where an operand's blocks vary along the sum, spread the difference of the largest and the smallest exponent
// of the blocks' product steps. wide says that the tensors are float64.
//
// The bounds: with codes up to max|a| and max|b|, any order of float32 additions is exact if
// terms*max|a|*max|b| <= 2^24, float64 if <= 2^53. Where blocks vary, the sum is exact as a whole if
// terms*max|a|*max|b|*2^spread < 2^31; else each block's sum is rounded once and these are added in ascending order.
func Certify(a, b Factor, terms, group int, spread int, wide bool) Certificate {
	for _, f := range []Factor{a, b} {
		if f.Format.IsFloat32() {
			return Certificate{Sum: kernel.Sequence, Reason: "not exact: an operand is float32; fused multiply-adds in ascending order"}
		}
	}
	product := float64(terms) * maxCode(a.Format) * maxCode(b.Format)
	codes := scaled(a.Format) || scaled(b.Format)
	varies := a.Varies || b.Varies
	switch {
	case codes && varies:
		return Certificate{Sum: kernel.Sequence, Reason: "not exact: scales that are no powers of two vary along the sum"}
	case codes && product > exactFloat64:
		return Certificate{Sum: kernel.Sequence, Reason: fmt.Sprintf("not exact: sums of codes need %d bits", bits(product))}
	case codes:
		return Certificate{Sum: kernel.Sequence, Exact: true, Codes: true, Reason: fmt.Sprintf("exact over codes: %d bits", bits(product))}
	case !varies:
		return certifyOneBlock(product, wide)
	}
	whole := product * math.Ldexp(1, spread)
	if whole < exactInt32 {
		c := certifyOneBlock(whole, wide)
		c.Spread = true
		c.Reason += fmt.Sprintf(", exponents spread by %d", spread)
		return c
	}
	one := float64(group) * maxCode(a.Format) * maxCode(b.Format)
	return Certificate{
		Sum: kernel.Blockwise, Exact: wide && one <= exactFloat64 || one <= exactFloat32, Spread: true,
		Reason: fmt.Sprintf("exact per block of %d terms (%d bits), blocks added in ascending order", group, bits(one)),
	}
}

func certifyOneBlock(bound float64, wide bool) Certificate {
	switch {
	case bound <= exactFloat32:
		return Certificate{Sum: kernel.Sequence, Exact: true, Reason: fmt.Sprintf("exact in float32 in any order: %d bits", bits(bound))}
	case bound <= exactFloat64 && wide:
		return Certificate{Sum: kernel.Sequence, Exact: true, Reason: fmt.Sprintf("exact in float64 in any order: %d bits", bits(bound))}
	case bound <= exactFloat64:
		return Certificate{Sum: kernel.Whole, Exact: true, Reason: fmt.Sprintf("exact in float64, rounded once: %d bits", bits(bound))}
	}
	return Certificate{Sum: kernel.Sequence, Reason: fmt.Sprintf("not exact: sums need %d bits", bits(bound))}
}

func maxCode(f number.Format) float64 {
	lo, hi := f.CodeRange()
	if f.Kind() == "int" { // codes less their zero points reach over the whole range
		return float64(hi - lo)
	}
	return math.Max(math.Abs(float64(lo)), math.Abs(float64(hi)))
}

// scaled reports that a format's values are codes times a scale that need be no power of two.
func scaled(f number.Format) bool { return f.Kind() == "int" }

func bits(bound float64) int { return int(math.Ceil(math.Log2(bound))) }

// product is the geometry of an op's sums: the axes of each operand along which it sums, and so along which a
// change of block splits the terms into groups.
type product struct {
	terms, group int
	summed       [2][]int
}

func (p product) varies(operand int, blocks number.Blocks, shape []int) bool {
	if blocks.Count <= 1 {
		return false
	}
	axis := blockAxis(blocks, shape)
	for _, s := range p.summed[operand] {
		if s == axis {
			return true
		}
	}
	return axis < 0
}

// blockAxis is the axis along which blocks change, -1 if it is not a single one.
func blockAxis(blocks number.Blocks, shape []int) int {
	inner := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		if inner == blocks.Inner && shape[axis] == blocks.Count {
			return axis
		}
		inner *= shape[axis]
	}
	return -1
}

// Formats certifies an op before a run: with the formats of its operands, their shapes and channel axes, and the
// spread of exponents not known (taken as 0 and said so).
func (p product) formats(a, b number.Format, shapes [2][]int, channelAxis [2]int, wide bool) Certificate {
	fs := [2]Factor{{Format: a}, {Format: b}}
	for i := range fs {
		if fs[i].Format.IsFloat32() {
			continue
		}
		if blocks, err := fs[i].Format.Blocks(shapes[i], channelAxis[i]); err == nil {
			fs[i].Varies = p.varies(i, blocks, shapes[i])
		}
	}
	return Certify(fs[0], fs[1], p.terms, p.group, 0, wide)
}

// decide certifies one execution, with the exponents that the operands have.
func (p product) decide(c *Call) Certificate {
	a, b := c.In[0], c.In[1]
	if c.FloatSum || a.Grid == nil || b.Grid == nil {
		return Certify(Factor{}, Factor{}, p.terms, p.group, 0, a.F64 != nil)
	}
	grids := [2]*Grid{a.Grid, b.Grid}
	shapes := [2][]int{a.Shape, b.Shape}
	fs := [2]Factor{{Format: a.Grid.Format}, {Format: b.Grid.Format}}
	for i, g := range grids {
		fs[i].Varies = p.varies(i, g.Scales.Blocks, shapes[i])
	}
	spread := 0
	if !scaled(fs[0].Format) && !scaled(fs[1].Format) {
		lo, hi := stepExponents(grids, fs)
		if lo < smallestExponent && a.F64 == nil {
			return Certificate{Sum: kernel.Sequence, Reason: "not exact: the product's step lies below the smallest float32"}
		}
		spread = hi - lo
	}
	return Certify(fs[0], fs[1], p.terms, p.group, spread, a.F64 != nil)
}

// stepExponents returns the smallest and the largest exponent of the product's step over the sum. Operands that do
// not vary along the sum count with their smallest for lo and not at all for the spread.
func stepExponents(grids [2]*Grid, fs [2]Factor) (lo, hi int) {
	if fs[0].Varies && fs[1].Varies && len(grids[0].Scales.Step) == len(grids[1].Scales.Step) {
		lo, hi = math.MaxInt32, math.MinInt32
		for i, s := range grids[0].Scales.Step {
			e := exponent(s) + exponent(grids[1].Scales.Step[i])
			lo, hi = min(lo, e), max(hi, e)
		}
		return lo, hi
	}
	for i, g := range grids {
		l, h := math.MaxInt32, math.MinInt32
		for _, s := range g.Scales.Step {
			l, h = min(l, exponent(s)), max(h, exponent(s))
		}
		lo += l
		if fs[i].Varies {
			hi += h
		} else {
			hi += l
		}
	}
	return lo, hi
}

func exponent(step float64) int { return math.Ilogb(step) }
