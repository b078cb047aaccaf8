// Package mac takes sums of products as a multiply-accumulate unit does that is not exact: every product and every addition is
// rounded, limited or wrapped to a format of its own, in a declared order. It has the convolutions and the product of
// matrices of package kernel, on shapes of that package; qops runs them where a policy says so.
package mac

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
)

// Arithmetic is the arithmetic in the interior of a sum of products, where that is not exact: what a product is rounded to before
// it is added, what every addition is rounded to, and which additions there are.
//
// A product is taken in the element type, as a float32 multiplier does, and then rounded to Product. An addition is taken
// in the element type and then rounded to Sum. Zeros have no sign: what becomes zero in the interior is +0. NaN stays NaN.
// A Sum that does not round but is limited asks for products and sums that the element type holds.
type Arithmetic struct {
	Product, Sum Format
	Order        Order
	// Most bounds the magnitude of products, none of which is infinite, where a Sum is limited only; 0 if no bound is known.
	// Sums that are far from their limits are then taken faster, with the same results.
	Most float64
}

// Format is what a value in the interior of a sum is rounded to; the zero value leaves it as it is. With
// E = max(floor(log2 |x|), MinExponent), x becomes a multiple of 2^(E-Mantissa), the nearest one, of two the one with an
// even multiple. Then it is limited.
type Format struct {
	Limit    Limit
	Rounds   bool // otherwise only the limit acts
	Mantissa int  // bits, 1 to 24; with 24, all numbers of float32 are 2^(MinExponent-24) apart, as in fixed point
	// MinExponent is the exponent of the smallest normal number.
	MinExponent int
	Low, High   float64 // the least and the greatest number
}

// Limit says what becomes of values beyond the least and the greatest number.
type Limit int

// The limits.
const (
	Unlimited Limit = iota
	Saturated       // the least and the greatest number
	Infinite        // infinities
)

// Order is the order of the additions of a sum. A sum starts at +0.
type Order int

const (
	// InSequence adds one term after the other.
	InSequence Order = iota
	// InBlocksOf8 adds eight neighbouring terms in sequence, from +0, and the sums of these in sequence.
	InBlocksOf8
	// InTreesOf16 adds sixteen neighbouring terms as a binary tree, 0+1, 2+3, ..., then (0+1)+(2+3), ..., and the sums of
	// these in sequence. Leaves that are missing in the last tree are +0.
	InTreesOf16
)

// length is how many terms an addition to the total takes.
func (o Order) length() int {
	switch o {
	case InBlocksOf8:
		return 8
	case InTreesOf16:
		return treeLeaves
	}
	return 1
}

const treeLeaves = 16

// macFormat is a Format with what rounding needs.
type macFormat struct {
	Format
	least int // of the exponents of numbers with Mantissa bits
}

func newFormat(f Format) macFormat { return macFormat{f, f.MinExponent} }

// magic gives numbers that are 1.5·2^52 units of 2^k, next to which float64 numbers are one unit apart.
const (
	float64Mantissa = 52
	float64Bias     = 1023
	oneAndHalf      = 1 << (float64Mantissa - 1)
)

// round rounds and limits one value.
func (f *macFormat) round(x float64) float64 {
	if f.Rounds {
		e := max(int(math.Float64bits(x)>>float64Mantissa&0x7ff)-float64Bias, f.least)
		unit := min(e-f.Mantissa, float64Bias-float64Mantissa) // of infinities, any
		magic := math.Float64frombits(uint64(unit+float64Mantissa+float64Bias)<<float64Mantissa | oneAndHalf)
		x = float64(x+magic) - magic
	}
	switch f.Limit {
	case Saturated:
		if x < f.Low {
			return f.Low
		} else if x > f.High {
			return f.High
		}
	case Infinite:
		if x < f.Low {
			return math.Inf(-1)
		} else if x > f.High {
			return math.Inf(1)
		}
	}
	return x
}

// macProduct is the term that two factors make.
func macProduct[E kernel.Float](f *macFormat, x, y E) E { return E(f.round(float64(E(x*y)))) + 0 }

// macAdd is the sum of two terms or sums.
func macAdd[E kernel.Float](f *macFormat, x, y E) E { return E(f.round(float64(E(x+y)))) + 0 }

const badLength = "mac: slice length does not match the shape"
