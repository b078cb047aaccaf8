package round

import (
	"math"
	"unsafe"
)

// Minifloat is a grid of floating point of any small width, with subnormal numbers. In units of 2^Scale, the numbers of
// magnitude [2^E, 2^(E+1)) are 2^(E-Mantissa) apart, for every E from MinExponent on, and those below 2^MinExponent are
// 2^(MinExponent-Mantissa) apart. The ordinal of a magnitude is how many numbers of the grid lie from zero to it; it is
// the magnitude's code too.
//
// Values that float32 does not have as finite numbers are no values of the grid: Max counts as lowered to the largest
// magnitude below 2^128.
type Minifloat struct {
	Mantissa    int    // bits of the mantissa, 0 to 23
	MinExponent int    // exponent of the smallest normal number, -300 to 300
	Scale       int    // -300 to 300
	Max         uint32 // ordinal of the largest magnitude

	// Over is what a positive and a negative value become whose rounded magnitude lies beyond Max: in units of 2^Scale,
	// the value of Max for saturation, an infinity, NaN, or 0. Infinity is what the infinities become, likewise. (They
	// differ where an infinite value overflows from a rounding towards it, and a finite one that is rounded the other
	// way does not.) A finite one that float32 does not have at this scale becomes the value of the lowered Max.
	Over, Infinity         [2]float32
	OverCode, InfinityCode [2]uint16

	NaN     float32 // what NaN becomes: NaN or 0
	NaNCode uint16

	SignedZero bool // negative zero, and negative values that round to zero, become -0 with its own code; otherwise +0
	Width      int  // of a code, 2 to 16: the sign is bit Width-1, the ordinal stands below it. Only codes need it
}

// Limits of a Minifloat.
const (
	maxMantissa      = 23
	maxGridExponent  = 300
	maxMinifloatCode = 16
)

// Fits reports whether the fields are within the ranges that they are documented with.
func (f Minifloat) Fits() bool {
	within := func(e int) bool { return e >= -maxGridExponent && e <= maxGridExponent }
	return f.Mantissa >= 0 && f.Mantissa <= maxMantissa && within(f.MinExponent) && within(f.Scale)
}

// codeFits reports whether the codes have so many bits and no more.
func (f Minifloat) codeFits(bits int) bool {
	return f.Width >= 2 && f.Width <= min(bits, maxMinifloatCode) && f.Max < 1<<(f.Width-1)
}

const (
	badMinifloat = "round: minifloat outside of what rounding takes (see Minifloat.Fits)"
	badWidth     = "round: codes of the minifloat do not fit the slice's elements"
)

// MinifloatValues rounds each element of src to the grid. With E = max(floor(log2 |x|), MinExponent) in units of 2^Scale
// and the exact quotient q = x/2^(E-Mantissa+Scale), x becomes a number of so many of these units:
//
//	NearestEven  the integer nearest to q; of two, the one whose magnitude has the even ordinal
//	Floor        floor(q)
//	Stochastic   floor((floor(q * 2^Bits) + r) / 2^Bits), r the top Bits of the element's random bits
//
// and Over where that lies beyond Max. Counts.Clipped counts these, and infinities that do not become infinite. dst may
// be src. The sign and the payload of a NaN are left open.
func MinifloatValues(dst, src []float32, f Minifloat, r Mode, random Random) Counts {
	return roundMinifloat(dst, src, f, r, random)
}

// Code is an element type of codes.
type Code interface {
	uint8 | uint16 | int8 | int16
}

// MinifloatCodes is MinifloatValues with the codes of the values: Width bits, those above it zero, in two's complement if
// C is signed.
func MinifloatCodes[C Code](dst []C, src []float32, f Minifloat, r Mode, random Random) Counts {
	if !f.codeFits(8 * int(unsafe.Sizeof(C(0)))) {
		panic(badWidth)
	}
	if unsafe.Sizeof(C(0)) == 1 {
		return roundMinifloat(reinterpret[uint8](dst), src, f, r, random)
	}
	return roundMinifloat(reinterpret[uint16](dst), src, f, r, random)
}

// reinterpret returns the same memory as elements of another type of the same size.
func reinterpret[To, From any](s []From) []To {
	return unsafe.Slice((*To)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// output is what a kernel of rounding writes: values or codes.
type output interface{ float32 | uint8 | uint16 }

// isInfinite reports whether x is an infinity.
func isInfinite(x float32) bool { return math.Float32bits(x)&^signBit == infinityBits }
