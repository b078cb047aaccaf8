package number

import "math"

// The arithmetic of QPyTorch 0.3 on a processor, step by step in float32 as its kernels do it: what it rounds twice is
// rounded twice, and where it leaves a format's grid the value is off the grid. Float64 elements are rounded to float32
// first. Random bits take the place of its own: the top ones of a draw where it uses fewer than 16, a draw and zeros
// where it uses more.

// peerLine is what lines have in common that hold the float32 numbers of another program: the ordinal of a point is the
// bit pattern of its magnitude, negative for numbers below zero.
type peerLine struct {
	format Format
	unit   float64 // of a code
}

func (peerLine) place(float64) quotient { return quotient{} }
func (peerLine) signedZero() bool       { return true }
func (peerLine) special(_ class, negative bool) point {
	return point{class: notANumber, negative: negative}
}

func (peerLine) at(ordinal int64) (offset int64, step float64) {
	if ordinal < 0 {
		return -1, float64(math.Float32frombits(uint32(-ordinal)))
	}
	return min(ordinal, 1), float64(math.Float32frombits(uint32(ordinal)))
}

func (l peerLine) limits() (lo, hi int64) { return math.MinInt64, math.MaxInt64 }

// code is the number of units in the value, brought into the range of the codes; 0 for NaN.
func (l peerLine) code(p point) int64 {
	if p.class != ordinary {
		return 0
	}
	lo, hi := l.format.CodeRange()
	offset, value := l.at(p.ordinal)
	return int64(min(max(math.RoundToEven(float64(offset)*value/l.unit), float64(lo)), float64(hi)))
}

func (l peerLine) point(code int64) (p point, ok bool) {
	lo, hi := l.format.CodeRange()
	return pointOf(float32(float64(code) * l.unit)), code >= lo && code <= hi
}

// pointOf returns the point of a float32 number on a peerLine.
func pointOf(x float32) point {
	magnitude := int64(math.Float32bits(x) &^ (1 << 31))
	p := point{negative: math.Signbit(float64(x)), ordinal: magnitude}
	switch {
	case x != x:
		return point{class: notANumber, negative: p.negative}
	case x-x != 0:
		return point{class: infinite, negative: p.negative}
	case p.negative:
		p.ordinal = -magnitude
	}
	return p
}

// qpytorchFixed is fixed_point_quantize.
type qpytorchFixed struct{ peerLine }

func (l qpytorchFixed) round(x float64, r uint32) (p point, clipped bool) {
	f := l.format
	lo, hi := f.CodeRange()
	least, most := float32(math.Ldexp(float64(lo), -f.Fraction())), float32(math.Ldexp(float64(hi), -f.Fraction()))
	u := float32(0.5)
	if f.Stochastic() {
		u = uniform(f, r)
	}
	y := float32(math.Ldexp(float64(float32(x)), f.Fraction()))
	y = float32(math.RoundToEven(float64(float32(y+u)) - 0.5))
	value := float32(math.Ldexp(float64(y), -f.Fraction()))
	switch {
	case value > most:
		return pointOf(most), true
	case value < least:
		return pointOf(least), true
	}
	return pointOf(value), false
}

// uniform returns the top bits of a draw as a number in [0, 1).
func uniform(f Format, r uint32) float32 {
	unused := randomBits - f.rounding.Bits()
	return float32(r&0xffff>>unused<<unused) / (1 << randomBits)
}

// qpytorchBlock is block_quantize for a block whose largest magnitude has the given exponent, in its place of the pattern.
type qpytorchBlock struct {
	peerLine
	exponent uint32
}

// Exponents of blocks, as a pattern has them, from which on a number 6 times as large is infinite, and of no number.
const (
	qpytorchInfinite = 253
	exponentOfNaN    = 255
)

// newQPyTorchBlock returns the line of a block with a step, which tells the exponent: NaN that of NaN and infinities.
func newQPyTorchBlock(f Format, step float64) qpytorchBlock {
	exponent := exponentOfNaN
	if step == step {
		exponent = max(math.Ilogb(step)+int(f.width)-2+127, 0)
	}
	return qpytorchBlock{peerLine{f, step}, uint32(exponent) << 23}
}

func (l qpytorchBlock) round(x float64, r uint32) (p point, clipped bool) {
	width := int(l.format.width)
	exponent := l.exponent
	base := 6 * math.Float32frombits(exponent)
	shifted := float32(x) + base
	bits := roundMantissa(math.Float32bits(shifted), width, l.format.rounding, r)
	value := float32(math.Float32frombits(bits) - base)
	result := math.Float32bits(value)
	if value != value {
		result = 0xffc00000 // the NaN that the processor makes
	}
	if result&(0xff<<23) > exponent {
		result = result&(1<<31) | exponent | leadingMantissa(width-2)
		return pointOf(math.Float32frombits(result)), true
	}
	return pointOf(math.Float32frombits(result)), false
}

// qpytorchFloat is float_quantize.
type qpytorchFloat struct {
	floatLine
	format Format
}

func (l qpytorchFloat) round(x float64, r uint32) (p point, clipped bool) {
	exponentBits, mantissa := int(l.format.exponent), int(l.format.fraction)
	target := math.Float32bits(float32(x))
	lowest := -(1<<(exponentBits-1) - 2)
	if int(target>>23&0xff)-127 < lowest {
		shift := math.Float32frombits(uint32(127+lowest)<<23 | target&(1<<31))
		shifted := float32(x) + shift
		bits := roundMantissa(math.Float32bits(shifted), mantissa, l.format.rounding, r)
		return l.pointOf(float32(math.Float32frombits(bits) - shift)), false
	}
	bits := roundMantissa(target, mantissa, l.format.rounding, r)
	if highest := uint32(127 + 1<<(exponentBits-1)); bits>>23&0xff > highest {
		return l.pointOf(math.Float32frombits(target&(1<<31) | highest<<23 | leadingMantissa(mantissa))), true
	}
	return l.pointOf(math.Float32frombits(bits)), false
}

// pointOf returns the point of a number that the format has, or of what has become infinite or NaN.
func (l qpytorchFloat) pointOf(x float32) point {
	if x-x != 0 {
		return pointOf(x)
	}
	return point{negative: math.Signbit(float64(x)), ordinal: l.place(float64(x)).floor}
}

// code takes what is no number for the end of the range.
func (l qpytorchFloat) code(p point) int64 {
	if p.class != ordinary {
		p = end(l, p.negative)
	}
	return l.floatLine.code(p)
}

// roundMantissa adds half a unit, or random bits, to a float32 number's bits and cuts the mantissa to its leading bits.
func roundMantissa(bits uint32, mantissa int, rounding Rounding, r uint32) uint32 {
	dropped := 23 - mantissa
	unit := uint32(1) << dropped
	add := unit >> 1
	if rounding.Stochastic() {
		unused := randomBits - rounding.Bits()
		draw := r & 0xffff >> unused << unused
		add = uint32(uint64(draw) << dropped >> randomBits) // the draw's leading bits are the leading ones
	}
	return (bits + add) &^ (unit - 1)
}

// leadingMantissa is a mantissa of so many ones.
func leadingMantissa(ones int) uint32 { return 1<<23 - 1<<(23-ones) }
