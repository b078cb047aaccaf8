package number

// Overflow tells what becomes of a rounded value outside the range of the codes.
type Overflow uint8

// The overflow modes of formats with integer codes.
const (
	Saturate  Overflow = iota // sat: the nearest code in range
	Symmetric                 // sym: sat with a range symmetric about zero, without the lowest code of two's complement
	Wrap                      // wrap: modulo 2^width
	Zero                      // zero: the value zero
)

// overflowNames are the names of the overflow modes, in the order of the constants.
var overflowNames = [...]string{"sat", "sym", "wrap", "zero"}

// String returns the name of the overflow mode in a format string.
func (o Overflow) String() string { return overflowNames[o] }

// Overflows lists the names of the overflow modes.
func Overflows() []string { return overflowNames[:] }

// infinity is the overflow mode of floating point, known only to say why it is refused.
const infinity = "inf"

// limit brings the code into the range lo to hi, where 2^width is the number of codes that wrap knows.
func (o Overflow) limit(code, lo, hi int64, width int, zero int32) (limited int64, clipped bool) {
	if code >= lo && code <= hi {
		return code, false
	}
	switch o {
	case Wrap:
		return wrap(code, lo, width), true
	case Zero:
		return int64(zero), true
	default:
		return min(max(code, lo), hi), true
	}
}

// wrap returns the number in lo to lo + 2^width - 1 that equals code modulo 2^width; lo is 0 or -2^(width-1).
func wrap(code, lo int64, width int) int64 {
	shift := 64 - width
	if lo < 0 {
		return code << shift >> shift
	}
	return int64(uint64(code) << shift >> shift)
}
