package number

import (
	"math"
	"math/bits"
)

// floatLine is the line of a float times a step: in each binade [2^E, 2^(E+1)) times the step, from that of minExponent
// on, the values are 2^(E-mantissa)*step apart, and below it as far as in it. The ordinal of a value that is not
// negative is its code.
type floatLine struct {
	format      Format
	step        float64
	mantissa    int
	minExponent int
	most        int64 // the largest ordinal
}

var _ line = floatLine{}

func newFloatLine(f Format, step float64) floatLine {
	l := floatLine{format: f, step: step, mantissa: int(f.fraction), minExponent: 1 - f.bias(), most: f.maxMagnitude()}
	if l.magnitude(l.most) >= overflowsFloat32 {
		l.most = l.place(overflowsFloat32 * (1 - 0x1p-53)).floor
	}
	return l
}

// magnitude returns the value with the ordinal, for those that are not negative.
func (l floatLine) magnitude(ordinal int64) float64 {
	offset, step := l.at(ordinal)
	return float64(offset) * step
}

func (l floatLine) place(x float64) quotient { return l.placeRatio(x, l.step) }

// placeRatio returns the place of x/step, exactly, on the line with a step of 1.
func (l floatLine) placeRatio(x, step float64) quotient {
	if x == 0 {
		return quotient{}
	}
	mx, ex := significand(x)
	ms, es := significand(step)
	// |x|/step lies in [2^e, 2^(e+1)).
	nx, ns := bits.Len64(mx), bits.Len64(ms)
	e := ex + nx - es - ns
	if mx<<(64-nx) < ms<<(64-ns) {
		e--
	}
	e = max(e, l.minExponent)
	q := divideMagnitudes(mx, ms, ex-es-(e-l.mantissa))
	q.floor += int64(e-l.minExponent) << l.mantissa
	if math.Signbit(x) {
		q.negate()
	}
	return q
}

func (l floatLine) at(ordinal int64) (offset int64, step float64) {
	offset = max(ordinal, -ordinal)
	e := l.minExponent
	if binade := offset>>l.mantissa - 1; binade > 0 {
		e += int(binade)
		offset -= binade << l.mantissa
	}
	if ordinal < 0 {
		offset = -offset
	}
	return offset, math.Ldexp(l.step, e-l.mantissa)
}

func (l floatLine) limits() (lo, hi int64) { return -l.most, l.most }
func (l floatLine) signedZero() bool       { return l.format.variant != fnuz }

// special gives zero in place of NaN where there is no NaN.
func (l floatLine) special(c class, negative bool) point {
	switch {
	case c == infinite && l.format.HasInfinity():
		return point{class: infinite, negative: negative}
	case l.format.hasNaN():
		return point{class: notANumber, negative: negative}
	default:
		return point{}
	}
}

// code returns the sign bit over the magnitude.
func (l floatLine) code(p point) int64 {
	sign := int64(1) << (l.format.width - 1)
	magnitude := max(p.ordinal, -p.ordinal)
	switch {
	case l.format.variant == fnuz && p.class != ordinary:
		return sign
	case l.format.variant == fnuz && magnitude == 0:
		return 0
	case p.class == infinite:
		magnitude = (1<<l.format.exponent - 1) << l.mantissa
	case p.class == notANumber && l.format.variant == ieee: // a quiet one
		magnitude = sign - 1<<(l.mantissa-1)
	case p.class == notANumber:
		magnitude = sign - 1
	}
	if p.negative {
		return sign | magnitude
	}
	return magnitude
}

func (l floatLine) point(code int64) (p point, ok bool) {
	f := l.format
	if code < 0 || code >= 1<<f.width {
		return point{}, false
	}
	sign := int64(1) << (f.width - 1)
	magnitude := code &^ sign
	p = point{negative: code&sign != 0, ordinal: magnitude}
	if p.negative {
		p.ordinal = -magnitude
	}
	switch {
	case f.variant == fnuz && code == sign, f.variant == fn && f.hasNaN() && magnitude == sign-1:
		p.class = notANumber
	case f.variant == ieee && magnitude>>l.mantissa == 1<<f.exponent-1:
		p.class = infinite
		if magnitude&(1<<l.mantissa-1) != 0 {
			p.class = notANumber
		}
	}
	return p, p.class != ordinary || magnitude <= l.most
}
