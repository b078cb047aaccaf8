package number

import "fmt"

// Limits of floats: those of float32.
const (
	maxFloatExponent = 8
	maxFloatMantissa = 23
)

// variant tells what the codes at the end of a float's range mean.
type variant uint8

const (
	ieee  variant = iota // the highest exponent is for infinity and NaN
	fn                   // finite: all codes are numbers but one NaN of each sign, the last code, from 8 bits on
	fnuz                 // finite, unsigned zero: the code of -0 is NaN, the bias one more
	noinf                // every code is a number
)

var variantWords = [...]word{
	ieee:  {"ieee", "the highest exponent is for infinity and NaN, as in IEEE 754"},
	fn:    {"fn", "no infinity; the last code of each sign is NaN, in formats of 8 bits and more; those of OCP"},
	fnuz:  {"fnuz", "no infinity, no -0: its code is NaN; the bias is one more"},
	noinf: {"noinf", "every code is a number"},
}

func (v variant) String() string { return variantWords[v].name }

// floatKind is binary floating point with subnormal numbers: sign, E bits of exponent with bias 2^(E-1)-1 (2^(E-1) for
// fnuz), M bits of mantissa. Values that float32 does not have as finite numbers are no values of the format.
type floatKind struct{ linear }

var (
	_ kind       = floatKind{}
	_ liner      = floatKind{}
	_ codeRanger = floatKind{}
	_ refuser    = floatKind{}
)

func (floatKind) name() string    { return "float" }
func (floatKind) example() string { return "float:e4m3fn,rne,sat" }
func (floatKind) summary() string {
	return "floating point: E bits of exponent, M of mantissa, and what the last codes mean: ieee fn fnuz noinf"
}

func (floatKind) parts(f Format) parts {
	overflows := []Overflow{Saturate, Zero}
	if f.HasInfinity() || f.hasNaN() {
		overflows = append(overflows, Infinity)
	}
	known := parts{rounding: true, overflows: overflows, options: []string{"order"}}
	if f.variant == noinf {
		known.compats = []compat{qpytorch}
	}
	return known
}

func (floatKind) refuse(f Format, word string) string {
	switch word {
	case Symmetric.String():
		return "floats have a sign bit, so that their range is symmetric already: use sat"
	case Wrap.String():
		return "the codes of a float are no integers that could wrap: use sat, zero or inf"
	case Infinity.String():
		if !f.HasInfinity() && !f.hasNaN() {
			return fmt.Sprintf("overflow inf needs a code for infinity or NaN, and %s has none: use sat or zero", f.floatHead())
		}
	case compatWords[qpytorch].name:
		return "QPyTorch's floats have neither infinity nor NaN: use the variant noinf"
	case compatWords[swalp].name:
		return "the code of SWALP has no floating point, only blocks: use bfp"
	}
	return ""
}

func (floatKind) parse(p *parser, f *Format) {
	f.exponent = uint8(p.number("e", "the width of the exponent", 1, maxFloatExponent))
	f.fraction = int16(p.number("m", "the width of the mantissa", 0, maxFloatMantissa))
	at := p.headAt
	words := names(variantWords[:])
	f.variant = variant(p.word("what the last codes mean", words))
	f.width = 1 + f.exponent + uint8(f.fraction)
	p.endHead()
	switch {
	case f.variant == ieee && f.fraction == 0:
		p.fail(at, "without a mantissa the variant ieee cannot tell infinity from NaN: use fn, fnuz or noinf")
	case f.variant == fnuz && f.exponent == maxFloatExponent && f.fraction == maxFloatMantissa:
		p.fail(at, "the smallest number would be 2^-150, which float32 does not have: use ieee, fn or noinf, or m22")
	}
	p.orderOption(f)
	p.noOptions("float")
}

// floatHead is the format's string up to the first comma.
func (f Format) floatHead() string {
	return fmt.Sprintf("float:e%dm%d%v", f.exponent, f.fraction, f.variant)
}

func (floatKind) text(f Format) string {
	return fmt.Sprintf("%s,%v,%v", f.floatHead(), f.rounding, f.overflow)
}

func (floatKind) codeRange(f Format) (lo, hi int64) { return 0, 1<<f.width - 1 }
func (floatKind) points(Format) int                 { return 0 }
func (floatKind) line(f Format, _ blockValues) line { return f.lineFor(1) }

// lineFor returns the line of a float that follows whom it has to.
func (f Format) lineFor(step float64) line {
	l := newFloatLine(f, step)
	if f.compat == qpytorch {
		return qpytorchFloat{l, f}
	}
	return l
}

// HasInfinity reports whether a float has codes for infinities.
func (f Format) HasInfinity() bool { return f.variant == ieee }

// hasNaN reports whether a float has a code for NaN.
func (f Format) hasNaN() bool {
	return f.variant == ieee || f.variant == fnuz || f.variant == fn && f.width >= 8
}

// bias is what the exponent of a normal float is less than its exponent field.
func (f Format) bias() int {
	bias := 1<<(f.exponent-1) - 1
	if f.variant == fnuz {
		bias++
	}
	return bias
}

// maxMagnitude is the code, without the sign, of the largest number.
func (f Format) maxMagnitude() int64 {
	all := int64(1)<<(f.width-1) - 1
	largest := all
	switch {
	case f.variant == ieee:
		largest -= 1 << f.fraction
	case f.variant == fn && f.hasNaN():
		largest--
	}
	if beyond := int64(128+f.bias()) << f.fraction; largest >= beyond { // 2^128 is no float32
		largest = beyond - 1
	}
	return largest
}

func (floatKind) describe(f Format) (lowest, highest, step string) {
	l := newFloatLine(f, 1)
	highest = exactDecimal(valueOf[float64](l, end(l, false)))
	step = fmt.Sprintf("2^(e%+d) in [2^e, 2^(e+1)), e from %d on", -l.mantissa, l.minExponent)
	return "-" + highest, highest, step
}
