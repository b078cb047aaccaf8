package mac

import "math"

// The exponents of float32.
const (
	float32Bias   = 127
	float32Least  = -126 // of the smallest normal number
	beyondFloat32 = 128  // 2^128 is the first power of two that is too large
)

// maxPatternMantissa is how many bits leave a bit of the number of 1.5·2^23 units untouched, whatever is added to it.
const maxPatternMantissa = 21

// pattern returns the format as the assembly takes it, and whether it can: values are limited before they are rounded
// there, so what is added to them must be a normal float32 number for all of them.
func (f Format) pattern() (r macRound, ok bool) {
	if !f.active() {
		return r, true
	}
	low, high := float32(f.Low), float32(f.High)
	if f.Limit != Saturated || float64(low) != f.Low || float64(high) != f.High {
		return r, false
	}
	r.low, r.high = math.Float32bits(low), math.Float32bits(high)
	if !f.Rounds {
		return r, true
	}
	farthest := max(math.Ilogb(max(-f.Low, f.High)), f.MinExponent)
	least := f.MinExponent
	mantissa := f.Mantissa
	if mantissa == MaxWidth { // one unit for all
		mantissa, least = maxPatternMantissa, f.MinExponent-MaxWidth+maxPatternMantissa
		if math.Ilogb(max(-f.Low, f.High)) > least {
			return r, false
		}
		farthest = least
	}
	toMagic := 23 - mantissa // from the exponent of a value to that of 1.5·2^23 units
	if mantissa < 1 || mantissa > maxPatternMantissa || least <= float32Least || least+toMagic < float32Least || farthest+toMagic >= beyondFloat32 {
		return r, false
	}
	r.least = uint32(least+float32Bias) << 23
	r.shift = uint32(toMagic)<<23 | 1<<22
	return r, true
}

// MaxWidth is the greatest number of bits of a code that float32 arithmetic holds: the Mantissa of formats whose numbers
// are equally far apart.
const MaxWidth = 24
