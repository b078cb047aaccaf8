package number

import "math"

// swalpBlock is the block quantizer of SWALP's authors for a block with the given exponent. The scaled element and a
// uniform number are added in float32.
type swalpBlock struct {
	peerLine
	exponent int
	zero     bool // a block of zeros is left alone
}

// swalpExponent is floor(log2 m) with a logarithm in float32, which is one too large just below powers of two from 2^3 on.
func swalpExponent(f Format, m float64) int {
	lowest, highest := exponents(f)
	e := math.Floor(float64(float32(math.Log2(m))))
	return int(min(max(e, float64(lowest)), float64(highest)))
}

func (l swalpBlock) round(x float64, r uint32) (p point, clipped bool) {
	if l.zero {
		return pointOf(float32(x)), false
	}
	f := l.format
	shift := int(f.width) - 2 - l.exponent
	scaled := float32(float32(x) * float32(math.Ldexp(1, shift)))
	code := math.RoundToEven(float64(scaled))
	if f.Stochastic() {
		code = math.Floor(float64(float32(scaled + uniform(f, r))))
	}
	lo, hi := f.CodeRange()
	limited := min(max(code, float64(lo)), float64(hi))
	return pointOf(float32(float32(limited) * float32(math.Ldexp(1, -shift)))), limited != code && code == code
}
