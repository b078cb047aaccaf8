package number

// Overflow tells what becomes of a rounded value outside the range of the codes.
type Overflow uint8

// The overflow modes.
const (
	Saturate  Overflow = iota // sat: the nearest code in range
	Symmetric                 // sym: sat with a range symmetric about code 0, without the lowest code of two's complement
	Wrap                      // wrap: modulo 2^width
	Zero                      // zero: the value zero
	Infinity                  // inf: infinity, or NaN where the format has no infinity
)

// overflows are the words of the overflow modes, in the order of the constants.
var overflows = [...]word{
	Saturate:  {"sat", "the nearest code in range"},
	Symmetric: {"sym", "sat without the lowest code, so that the range is symmetric"},
	Wrap:      {"wrap", "modulo 2^width"},
	Zero:      {"zero", "the value zero"},
	Infinity:  {"inf", "infinity, or NaN in a float without infinity; roundings towards zero give the end of the range"},
}

// String returns the name of the overflow mode in a format string.
func (o Overflow) String() string { return overflows[o].name }

// Overflows lists the names of the overflow modes.
func Overflows() []string { return names(overflows[:]) }

// saturates reports whether what is out of range becomes the end of the range.
func (o Overflow) saturates() bool { return o == Saturate || o == Symmetric }
