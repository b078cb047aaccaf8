package number

import (
	"math"
	"math/bits"
)

// positLine is the line of posits: the ordinal is the code as a number with sign, the lowest of which is NaR.
type positLine struct {
	format            Format
	smallest, largest float64 // of the positive numbers
}

func newPositLine(f Format) positLine {
	scale := f.positScale()
	return positLine{f, power(-scale), power(scale)}
}

// power returns 2^e for an e whose power is a normal number.
func power(e int) float64 { return math.Float64frombits(uint64(1023+e) << 52) }

var (
	_ line    = positLine{}
	_ rounder = positLine{}
)

// regime splits the code of a positive posit: its value is (1 + fraction / 2^width) * 2^exponent.
func (l positLine) regime(code int64) (exponent int, fraction uint64, width int) {
	n, es := int(l.format.width), int(l.format.exponent)
	pattern := uint64(code) << (65 - n) // without the sign, at the top
	run := bits.LeadingZeros64(pattern)
	k := -run
	if pattern>>63 == 1 {
		run = min(bits.LeadingZeros64(^pattern), n-1)
		k = run - 1
	}
	rest := max(n-1-run-1, 0) // after the bit that ends the run
	tail := uint64(code) & (1<<rest - 1)
	width = max(rest-es, 0)
	exponent = int(tail>>width) << max(es-rest, 0)
	return k<<es + exponent, tail & (1<<width - 1), width
}

func (l positLine) at(ordinal int64) (offset int64, step float64) {
	if ordinal == 0 {
		return 0, 1
	}
	exponent, fraction, width := l.regime(max(ordinal, -ordinal))
	offset = int64(1)<<width | int64(fraction)
	if ordinal < 0 {
		offset = -offset
	}
	return offset, power(exponent - width)
}

// magnitude returns the value with the ordinal, which is not negative.
func (l positLine) magnitude(ordinal int64) float64 {
	offset, step := l.at(ordinal)
	return float64(offset) * step
}

func (l positLine) limits() (lo, hi int64) {
	hi = int64(1)<<(l.format.width-1) - 1
	return -hi, hi
}

func (positLine) signedZero() bool          { return false }
func (positLine) special(class, bool) point { return point{class: notANumber} }
func (l positLine) notAReal() (code int64)  { return -1 << (l.format.width - 1) }
func (l positLine) point(code int64) (p point, ok bool) {
	lo, hi := l.limits()
	if code == l.notAReal() {
		return point{class: notANumber}, true
	}
	return point{negative: code < 0, ordinal: code}, code >= lo && code <= hi
}

func (l positLine) code(p point) int64 {
	if p.class != ordinary {
		return l.notAReal()
	}
	return p.ordinal
}

// round makes NaR of NaN and infinities, and numbers beyond the ends the ends. Nearest goes by the string of bits, which
// is cut off and rounded, as the standard has it: the tie between two posits is the posit with one bit more between
// them, which is not in the middle of their values where bits of the exponent are cut; and no number becomes zero. The
// other roundings go by the values, among which zero is one, so that sr has no bias.
func (l positLine) round(x float64, r uint32) (p point, clipped bool) {
	negative := math.Signbit(x)
	switch magnitude := math.Abs(x); {
	case math.IsNaN(x):
		return point{class: notANumber}, false
	case math.IsInf(x, 0):
		return point{class: notANumber}, true
	case magnitude > l.largest:
		return end(l, negative), true
	case x != 0 && magnitude < l.smallest && l.format.rounding <= NearestZero:
		return next(negative), false
	}
	q := l.place(x)
	ordinal := q.floor
	if l.format.rounding.up(q, negative, r) {
		ordinal++
	}
	return signed(l, negative, ordinal), false
}

// next returns the number next to zero.
func next(negative bool) point {
	if negative {
		return point{negative: true, ordinal: -1}
	}
	return point{ordinal: 1}
}

// place goes by the string of bits or by the values, as the rounding does. |x| is at most the largest number.
func (l positLine) place(x float64) quotient {
	magnitude := math.Abs(x)
	q := l.cut(magnitude)
	exact := q.top == 0 && !q.rest
	switch byValue := l.format.rounding > NearestZero; {
	case q.floor == 0:
		q = divide(magnitude, l.smallest)
	case byValue && !exact:
		floor, lower := q.floor, l.magnitude(q.floor)
		q = divide(magnitude-lower, l.magnitude(floor+1)-lower) // both are exact: few binades, few bits
		q.floor += floor
	}
	if math.Signbit(x) {
		q.negate()
	}
	return q
}

// cut returns the first bits of the endless string of a number that is not negative and not beyond the largest, and
// those after them as its distance.
func (l positLine) cut(x float64) quotient {
	const mantissa = 52
	n, es := int(l.format.width), int(l.format.exponent)
	if x < l.smallest {
		return quotient{}
	}
	m, e := significand(x)
	top := bits.Len64(m) - 1
	e += top
	tail := uint64(e&(1<<es-1))<<mantissa | m<<(mantissa-top)&(1<<mantissa-1)
	var q quotient
	length := -(e >> es) + 1
	pattern := int64(1)
	if k := e >> es; k >= 0 {
		length = k + 2
		pattern = 1<<length - 2
	}
	rest := n - 1 - length
	if rest < 0 { // the largest number, whose run is not ended
		return quotient{floor: pattern >> 1}
	}
	dropped := es + mantissa - rest
	q.floor = pattern<<rest | int64(tail>>dropped)
	tail &= 1<<dropped - 1
	q.top = uint32(tail >> (dropped - 16))
	q.rest = tail&(1<<(dropped-16)-1) != 0
	return q
}
