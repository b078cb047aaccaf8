package number

import (
	"math"
	"math/bits"
)

// quotient is x/step without error: floor + (top + rest')/2^16, where 0 <= rest' < 1 and rest tells whether it is
// more than 0.
type quotient struct {
	floor int64 // of x/step; its low 64 bits when far
	top   uint32
	rest  bool
	far   bool // |x/step| >= 2^62
}

// divide returns x/step exactly, for finite x and positive finite step.
func divide(x, step float64) quotient {
	mx, ex := significand(x)
	ms, es := significand(step)
	q := divideMagnitudes(mx, ms, ex-es)
	if math.Signbit(x) {
		q.negate()
	}
	return q
}

// negate turns the quotient of magnitudes into that of a negative x.
func (q *quotient) negate() {
	q.floor = -q.floor
	switch {
	case q.rest: // 1 - (top + rest')/2^16 = (2^16 - 1 - top + (1 - rest'))/2^16
		q.floor--
		q.top = 1<<16 - 1 - q.top
	case q.top != 0:
		q.floor--
		q.top = 1<<16 - q.top
	}
}

// significand splits |x| into m * 2^e with an integer m < 2^53.
func significand(x float64) (m uint64, e int) {
	b := math.Float64bits(x)
	m = b & (1<<52 - 1)
	e = int(b >> 52 & 0x7ff)
	if e == 0 {
		return m, -1074
	}
	return m | 1<<52, e - 1075
}

// divideMagnitudes returns mx/ms * 2^e by long division in integers.
func divideMagnitudes(mx, ms uint64, e int) quotient {
	// hi:lo counts units of 2^-16, modulo 2^128.
	var hi, lo, remainder uint64
	shift := e + 16
	if shift < 0 {
		down := uint(-shift)
		lo, remainder = bits.Div64(0, mx>>down, ms)
		if mx>>down<<down != mx {
			remainder = 1 // what was shifted out, too, is less than a unit
		}
		shift = 0
	} else {
		lo, remainder = mx/ms, mx%ms
	}
	far := mx != 0 && bits.Len64(mx)-bits.Len64(ms)+e > 63
	for shift > 0 {
		s := uint(min(shift, 63))
		shift -= int(s)
		digits, next := bits.Div64(remainder>>(64-s), remainder<<s, ms)
		hi, lo = hi<<s|lo>>(64-s), lo<<s|digits
		remainder = next
	}
	floor := hi<<48 | lo>>16
	return quotient{
		floor: int64(floor),
		top:   uint32(lo & 0xffff),
		rest:  remainder != 0,
		far:   far || hi>>14 != 0,
	}
}
