package number

import "math"

// line is where the values of a block lie whose steps are not all equal. Each value has an ordinal; ordinals of
// neighbours differ by 1, and zero, where it is a value, has ordinal 0.
type line interface {
	// place returns the ordinal of the last value that is not above the finite x, and how far x lies on the way to the
	// next. The line goes on beyond its ends as far as it is needed to say which of them rounding would leave.
	place(x float64) quotient
	// at returns the value with the ordinal, as offset * step.
	at(ordinal int64) (offset int64, step float64)
	// limits returns the ordinals of the lowest and the highest value.
	limits() (lo, hi int64)
	// signedZero reports whether there is a zero of either sign.
	signedZero() bool
	// special returns what NaN and, under overflow inf, what lies beyond the ends becomes, negative or not.
	special(c class, negative bool) point
	// code returns the code of a point, and point the point of a code, if it is one of the format's.
	code(p point) int64
	point(code int64) (p point, ok bool)
}

// rounder is a line that does not round by the common rule.
type rounder interface {
	round(x float64, r uint32) (p point, clipped bool)
}

// class tells numbers from what is none.
type class uint8

const (
	ordinary class = iota
	infinite
	notANumber
)

// point is a place on a line, or beside it.
type point struct {
	class    class
	negative bool // the sign of a zero that has one, of an infinity, of NaN
	ordinal  int64
}

// blockValues are the values that a block gives its line.
type blockValues struct {
	step   float64
	zero   int32
	points []float64
}

// roundPoint rounds x to the line, with random bits r. It is the definition for all lines that are no rounders.
func (f Format) roundPoint(l line, x float64, r uint32) (p point, clipped bool) {
	if own, ok := l.(rounder); ok {
		return own.round(x, r)
	}
	negative := math.Signbit(x)
	switch {
	case math.IsNaN(x):
		return l.special(notANumber, negative), false
	case math.IsInf(x, 0):
		p := f.beyond(l, negative)
		return p, p.class != infinite
	}
	q := l.place(x)
	ordinal := q.floor
	if f.rounding.up(q, negative, r) {
		ordinal++
	}
	lo, hi := l.limits()
	if ordinal >= lo && ordinal <= hi {
		return signed(l, negative, ordinal), false
	}
	if f.overflow == Infinity && f.rounding.inward(negative) { // towards the numbers that there are
		return end(l, negative), true
	}
	return f.beyond(l, negative), true
}

// beyond returns what a value beyond the ends of the line becomes.
func (f Format) beyond(l line, negative bool) point {
	switch f.overflow {
	case Infinity:
		return l.special(infinite, negative)
	case Zero:
		return signed(l, negative, 0)
	default:
		return end(l, negative)
	}
}

// signed returns the point with the ordinal; a zero has the sign if the line has zeros of either sign.
func signed(l line, negative bool, ordinal int64) point {
	return point{negative: negative && (ordinal != 0 || l.signedZero()), ordinal: ordinal}
}

// end returns the lowest or the highest point of a line.
func end(l line, negative bool) point {
	lo, hi := l.limits()
	if negative {
		return point{negative: true, ordinal: lo}
	}
	return point{ordinal: hi}
}

// valueOf returns the value of a point in T.
func valueOf[T Float](l line, p point) T {
	switch p.class {
	case notANumber:
		return T(math.NaN())
	case infinite:
		sign := 1
		if p.negative {
			sign = -1
		}
		return T(math.Inf(sign))
	}
	offset, step := l.at(p.ordinal)
	if offset == 0 && p.negative {
		return T(math.Copysign(0, -1))
	}
	return value[T](offset, step)
}
