package number

// Format is a grid with its rounding and overflow: the rule, without the values that a tensor gives it.
// Formats are comparable with ==. The zero value is float32, which leaves a tensor alone.
type Format struct {
	kind      uint8 // index into kinds
	unsigned  bool
	zeroAuto  bool
	rounding  Rounding
	overflow  Overflow
	block     Block
	tile      Tile // of block=HxW
	scaleRule ScaleRule
	width     uint8
	exponent  uint8 // width of the exponent
	variant   variant
	compat    compat
	choice    levelChoice
	order     SumOrder
	fraction  int16
	scale     float64 // the given one, or a parameter of the scale rule
}

// String returns the canonical string of the format, which Parse reads back.
func (f Format) String() string { return f.spec().text(f) + f.orderText() + f.compat.String() }

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

// Kind returns the name before the colon, one of Kinds.
func (f Format) Kind() string { return f.spec().name() }

// IsSum reports whether the format says how sums are taken (acc, exact, those with an order) and is no format of a tensor.
func (f Format) IsSum() bool { return f.spec().sums() || f.order != NoOrder }

// Width returns the number of bits of a code; 0 for exact.
func (f Format) Width() int { return int(f.width) }

// Fraction returns the number of fraction bits of a fixed-point format: its step is 2^-Fraction.
func (f Format) Fraction() int { return int(f.fraction) }

// ExponentWidth returns the number of bits of the exponent of a floating-point or block floating-point format.
func (f Format) ExponentWidth() int { return int(f.exponent) }

// Unsigned reports whether the codes start at 0.
func (f Format) Unsigned() bool { return f.unsigned }

// Rounding returns the rounding.
func (f Format) Rounding() Rounding { return f.rounding }

// Overflow returns the overflow mode.
func (f Format) Overflow() Overflow { return f.overflow }

// Block returns which elements share a scale.
func (f Format) Block() Block { return f.block }

// Tile returns the size and place of the blocks of a format with block=Tiled.
func (f Format) Tile() Tile { return f.tile }

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
// lowest code under sym. Codes that are bit patterns (see Encode) start at 0. Both are 0 for formats without codes
// (float32, exact).
func (f Format) CodeRange() (lo, hi int64) {
	if ranged, ok := f.spec().(codeRanger); ok {
		return ranged.codeRange(f)
	}
	return integerRange(f)
}

// integerRange is CodeRange of two's complement and unsigned codes.
func integerRange(f Format) (lo, hi int64) {
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
	if f.spec().parts(f).rounding {
		f.rounding = r
	}
	return f
}

// WithBlock returns the format with other blocks; formats without a scale per block are returned unchanged.
func (f Format) WithBlock(b Block) Format {
	if f.spec().parts(f).takes("block") && b != Tiled {
		f.block, f.tile = b, Tile{}
	}
	return f
}

// WithTile returns the format with blocks of neighbours; formats without a choice of blocks are returned unchanged.
func (f Format) WithTile(t Tile) Format {
	if f.spec().parts(f).takes("block") {
		f.block, f.tile = Tiled, t
	}
	return f
}

// WithScaleRule returns the int format with another scale rule, max or run; formats of other kinds are returned
// unchanged. WithScale sets a given one.
func (f Format) WithScaleRule(r ScaleRule) Format {
	if f.kind == intIndex && (r == ScaleMax || r == ScaleRun) {
		f.scaleRule, f.scale = r, 0
	}
	return f
}

// WithScale returns the int format with the given scale and zero point 0; formats of other kinds are returned
// unchanged. A scale that is not positive and finite makes Quantize fail.
func (f Format) WithScale(scale float64) Format {
	if f.kind == intIndex {
		f.scaleRule, f.scale, f.zeroAuto = ScaleGiven, scale, false
	}
	return f
}
