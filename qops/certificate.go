package qops

import (
	"fmt"
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// Bounds of exact arithmetic: float32 and float64 hold every integer up to these. A sum over blocks of several exponents
// is taken as a whole only below the bound of int32, so that hardware can take it so as well.
const (
	exactFloat32 = 1 << 24
	exactInt32   = 1 << 31
	exactFloat64 = 1 << 53
)

// The exponents of float32: every multiple of 2^-149 below 2^128 with 24 bits is a float32 number.
const (
	smallestExponent = -149
	largestExponent  = 128
)

// Certificate says which arithmetic gives an op's sums of products exactly.
type Certificate struct {
	// Sum is what the kernel does.
	Sum kernel.Sum
	// Exact is set when the result is the exact sum, rounded once (Blockwise: each block's sum rounded once, then
	// added in ascending order).
	Exact bool
	// Codes is set when the sum is taken over codes and scaled once (formats whose scale is no power of two).
	Codes bool
	// Spread is set when the exponents of the blocks decide, which only a run knows.
	Spread bool
	// Reason is the bound that holds, or the one that does not.
	Reason Reason
}

// Reason is why a sum is taken as it is. It is put into words only when someone asks, since every run decides anew.
type Reason struct {
	words   string // with a %d for each number
	numbers [2]int
	count   int
	spread  int // of exponents
}

func reason(words string, numbers ...int) Reason {
	r := Reason{words: words, count: len(numbers)}
	copy(r.numbers[:], numbers)
	return r
}

// String says it in words.
func (r Reason) String() string {
	var numbers []any
	for _, n := range r.numbers[:r.count] {
		numbers = append(numbers, n)
	}
	s := fmt.Sprintf(r.words, numbers...)
	if r.spread > 0 {
		s += fmt.Sprintf(", exponents spread by %d", r.spread)
	}
	return s
}

// Factor is one operand of sums of products, as far as exactness is concerned.
type Factor struct {
	Format number.Format
	// Varies is set when a sum meets several blocks of the operand.
	Varies bool
}

// Terms are those of one sum.
type Terms struct {
	// Count is their number, with those in the padding.
	Count int
	// Group is how many neighbours share one block of both operands; 0 if blocks change in no regular way.
	Group int
}

// Exponents are those of the steps that products have: step of a times step of b. Blocks of zeros do not count.
type Exponents struct {
	// Lowest and Highest of all products.
	Lowest, Highest int
	// Spread is the difference of highest and lowest among the products of one sum.
	Spread int
}

// Certify decides how sums of products of a and b are taken; wide says that the tensors are float64. With A and B the
// largest magnitudes of codes less their zero points, K terms and exponents that spread by d within a sum:
//
//   - formats with power-of-two steps are exact as a whole if K*A*B <= 2^53, or, where blocks change along the sum, if
//     K*A*B*2^d < 2^31. Up to 2^24 float32 is exact in any order, below 2^31 int32, beyond that float64.
//   - otherwise, where blocks change, each block's sum is taken in the tensor's type (exact up to 2^24, in float64
//     2^53), and these are added in ascending order, each addition rounded.
//   - the same holds for floats and MX, whose codes are then multiples of the smallest subnormal number.
//   - `int` formats are summed over codes, exact if K*A*B <= 2^53, unless scales change along the sum.
//   - all else is a sequence of fused multiply-adds. So are float32 tensors whose products have a step below 2^-149 or
//     sums that may reach 2^128: there float32 does not have all numbers between.
func Certify(a, b Factor, t Terms, e Exponents, wide bool) Certificate {
	if a.Format.IsFloat32() || b.Format.IsFloat32() {
		return notExact("not exact: an operand is float32; fused multiply-adds in ascending order")
	}
	_, mostA, okA := a.Format.Lattice()
	_, mostB, okB := b.Format.Lattice()
	if !okA || !okB {
		return notExact("not exact: the values of an operand are no multiples of one step; fused multiply-adds in ascending order")
	}
	one := mostA * mostB
	bound := float64(t.Count) * one
	varies := a.Varies || b.Varies
	switch {
	case scaled(a.Format) || scaled(b.Format):
		return certifyCodes(bound, varies)
	case !wide && e.Lowest < smallestExponent:
		return notExact("not exact: the step 2^%d of a product lies below the smallest float32", e.Lowest)
	case !wide && bound*math.Ldexp(1, e.Highest) >= math.Ldexp(1, largestExponent):
		return notExact("not exact: sums up to 2^%d lie beyond the largest float32", bits(bound)+e.Highest)
	case !varies:
		return certifyWhole(bound, wide)
	}
	if whole := bound * math.Ldexp(1, e.Spread); whole < exactInt32 {
		c := certifyWhole(whole, wide)
		c.Spread = true
		c.Reason.spread = e.Spread
		return c
	}
	c := certifyGroups(float64(t.Group)*one, t.Group, wide)
	c.Spread = bound < exactInt32
	return c
}

func notExact(words string, numbers ...int) Certificate {
	return Certificate{Sum: kernel.Sequence, Reason: reason(words, numbers...)}
}

// certifyCodes is about sums over the codes of `int` formats.
func certifyCodes(bound float64, varies bool) Certificate {
	switch {
	case varies:
		return notExact("not exact: scales that are no powers of two change along the sum")
	case bound > exactFloat64:
		return notExact("not exact: sums of codes need %d bits", bits(bound))
	}
	return Certificate{Sum: kernel.Sequence, Exact: true, Codes: true, Reason: reason("exact over codes: %d bits", bits(bound))}
}

// certifyWhole is about sums whose terms are multiples of one step.
func certifyWhole(bound float64, wide bool) Certificate {
	switch {
	case bound > exactFloat64:
		return notExact("not exact: sums need %d bits", bits(bound))
	case wide:
		return Certificate{Sum: kernel.Sequence, Exact: true, Reason: reason("exact in float64 in any order: %d bits", bits(bound))}
	case bound <= exactFloat32:
		return Certificate{Sum: kernel.Sequence, Exact: true, Reason: reason("exact in float32 in any order: %d bits", bits(bound))}
	}
	words := "exact in float64, rounded once: %d bits"
	if bound < exactInt32 {
		words = "exact in int32, rounded once: %d bits"
	}
	return Certificate{Sum: kernel.Whole, Exact: true, Reason: reason(words, bits(bound))}
}

// certifyGroups is about sums over groups of terms, each of one block.
func certifyGroups(bound float64, group int, wide bool) Certificate {
	limit := float64(exactFloat32)
	if wide {
		limit = exactFloat64
	}
	switch {
	case group == 0:
		return notExact("not exact: blocks of several exponents lie across the order of the terms")
	case bound > limit:
		return Certificate{Sum: kernel.Blockwise, Reason: reason("not exact: a block of %d terms needs %d bits; blocks added in ascending order", group, bits(bound))}
	}
	return Certificate{
		Sum: kernel.Blockwise, Exact: true,
		Reason: reason("exact per block of %d terms (%d bits), blocks added in ascending order", group, bits(bound)),
	}
}

// scaled reports that a format's values are codes times a scale that need be no power of two.
func scaled(f number.Format) bool { return f.Kind() == "int" }

// unitExponent is the exponent of the unit that values come in multiples of, in a block with a step of 1.
func unitExponent(f number.Format) int {
	unit, _, ok := f.Lattice()
	if !ok {
		return 0
	}
	return exponent(unit)
}

// bits is the number of bits of sums up to the bound, without their sign.
func bits(bound float64) int { return int(math.Ceil(math.Log2(bound))) }
