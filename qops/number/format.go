package number

import "math"

// Format is a grid with its rounding and overflow: the rule, without the values that a tensor gives it.
// Formats are comparable with ==. The zero value is float32, which leaves a tensor alone.
type Format struct {
	kind      uint8 // index into kinds
	unsigned  bool
	zeroAuto  bool
	rounding  Rounding
	overflow  Overflow
	block     Block
	scaleRule ScaleRule
	width     uint8
	exponent  uint8 // width of the exponent
	fraction  int16
	scale     float64 // the given one
}

// String returns the canonical string of the format, which Parse reads back.
func (f Format) String() string { return f.spec().text(f) }

// MarshalText returns the canonical string of the format.
func (f Format) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText parses the format from a string.
func (f *Format) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}

// IsFloat32 reports whether the format is float32: not quantized, whatever the tensor's type.
func (f Format) IsFloat32() bool { return f == Format{} }

// Kind returns the name before the colon: float32, fixed, int, bfp, acc or exact.
func (f Format) Kind() string { return f.spec().name() }

// IsSum reports whether the format says how sums are taken (acc, exact) and is no format of a tensor.
func (f Format) IsSum() bool { return f.spec().sums() }

// Width returns the number of bits of a code; 0 for exact.
func (f Format) Width() int { return int(f.width) }

// Fraction returns the number of fraction bits of a fixed-point format: its step is 2^-Fraction.
func (f Format) Fraction() int { return int(f.fraction) }

// ExponentWidth returns the number of bits of the exponent of a block floating-point format.
func (f Format) ExponentWidth() int { return int(f.exponent) }

// Unsigned reports whether the codes start at 0.
func (f Format) Unsigned() bool { return f.unsigned }

// Rounding returns the rounding.
func (f Format) Rounding() Rounding { return f.rounding }

// Overflow returns the overflow mode.
func (f Format) Overflow() Overflow { return f.overflow }

// Block returns which elements share a scale.
func (f Format) Block() Block { return f.block }

// ScaleRule returns where the scale comes from.
func (f Format) ScaleRule() ScaleRule { return f.scaleRule }

// ZeroAuto reports whether the zero point is chosen so that zero lies where the data need it (zero=auto), instead
// of at code 0.
func (f Format) ZeroAuto() bool { return f.zeroAuto }

// Stochastic reports whether rounding uses random bits.
func (f Format) Stochastic() bool { return f.rounding.Stochastic() }

// Step returns the step if the format itself gives it (fixed, int with a scale), else 0.
func (f Format) Step() float64 { return f.spec().step(f) }

// CodeRange returns the smallest and largest code: two's complement or unsigned of the format's width, without the
// lowest code under sym. Both are 0 for formats without codes (float32, exact).
func (f Format) CodeRange() (lo, hi int64) {
	switch {
	case f.width == 0:
		return 0, 0
	case f.unsigned:
		return 0, 1<<f.width - 1
	}
	hi = 1<<(f.width-1) - 1
	lo = -hi - 1
	if f.overflow == Symmetric {
		lo = -hi
	}
	return lo, hi
}

// WithRounding returns the format with another rounding; formats that do not round are returned unchanged.
func (f Format) WithRounding(r Rounding) Format {
	if f.spec().parts().rounding {
		f.rounding = r
	}
	return f
}

// WithBlock returns the format with other blocks; formats without a scale per block are returned unchanged.
func (f Format) WithBlock(b Block) Format {
	if f.spec().parts().takes("block") {
		f.block = b
	}
	return f
}

// WithScale returns the int format with the given scale and zero point 0; formats of other kinds are returned
// unchanged. A scale that is not positive and finite makes Quantize fail.
func (f Format) WithScale(scale float64) Format {
	if f.spec().parts().takes("scale") {
		f.scaleRule, f.scale, f.zeroAuto = ScaleGiven, scale, false
	}
	return f
}

// Limit applies the overflow mode to an integer code: the rule of accumulators, whose codes are sums of products.
func (f Format) Limit(code int64) (limited int64, clipped bool) {
	lo, hi := f.CodeRange()
	return f.overflow.limit(code, lo, hi, f.Width(), 0)
}

// Round returns the code of x on the grid (code - zero) * step, and whether overflow acted. The random bits r are a
// draw of 16 bits, of which srN uses the top N; other roundings ignore them. It is the definition that all faster
// code follows, exact for every x, and a pure function. Formats without codes (float32, exact) give code 0.
func (f Format) Round(x, step float64, zero int32, r uint32) (code int64, clipped bool) {
	if f.width == 0 || math.IsNaN(x) {
		return int64(zero), false
	}
	lo, hi := f.spec().limits(f, step)
	q := quotient{far: true}
	if !math.IsInf(x, 0) {
		q = divide(x, step)
	}
	if q.far && (f.overflow != Wrap || math.IsInf(x, 0)) {
		return f.beyond(x, lo, hi, zero), true
	}
	code = q.floor + int64(zero)
	if f.rounding.up(q, math.Signbit(x), r) {
		code++
	}
	code, clipped = f.overflow.limit(code, lo, hi, f.Width(), zero)
	if code < lo { // a code that two's complement has but whose value is not finite
		return lo, true
	}
	return code, clipped || q.far
}

// beyond returns the code of an x that is infinite or larger than any code.
func (f Format) beyond(x float64, lo, hi int64, zero int32) int64 {
	switch {
	case f.overflow == Zero:
		return int64(zero)
	case x < 0:
		return lo
	default:
		return hi
	}
}
