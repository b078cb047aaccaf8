package number

import (
	"fmt"
	"math"
	"strings"
)

// mxLength is the number of elements in a block of OCP MX.
const mxLength = 32

// E8M0, the format of MX's scales: powers of two with a bias of 127; the last code is NaN.
const (
	e8m0Lowest  = -127
	e8m0Highest = 127
	e8m0NaN     = 255
)

// mxElement is an element of MX.
type mxElement struct {
	name     string
	format   Format // its own, at a scale of 1
	exponent int    // of its largest value
}

var mxElements = [...]mxElement{
	{"e5m2", Format{exponent: 5, fraction: 2, width: 8, variant: ieee}, 15},
	{"e4m3", Format{exponent: 4, fraction: 3, width: 8, variant: fn}, 8},
	{"e3m2", Format{exponent: 3, fraction: 2, width: 6, variant: fn}, 4},
	{"e2m3", Format{exponent: 2, fraction: 3, width: 6, variant: fn}, 2},
	{"e2m1", Format{exponent: 2, fraction: 1, width: 4, variant: fn}, 2},
	{mxInteger, Format{fraction: 6, width: 8}, 0},
}

// mxInteger is the name of the element that is an integer: two's complement with 6 bits of fraction.
const mxInteger = "int8"

// mxKind is a microscaling format of the OCP: blocks of 32 neighbours with a scale that is a power of two. value =
// element * 2^k.
type mxKind struct{ linear }

var (
	_ kind        = mxKind{}
	_ liner       = mxKind{}
	_ blockScaler = mxKind{}
	_ refuser     = mxKind{}
	_ codeRanger  = mxKind{}
)

func (mxKind) name() string    { return "mx" }
func (mxKind) example() string { return "mx:e4m3,scale=floor,rne,sat" }
func (mxKind) summary() string {
	return "OCP MX: elements e5m2 e4m3 e3m2 e2m3 e2m1 int8 in blocks of 32 with an E8M0 scale by floor, ceil or rne"
}

func (mxKind) parts(f Format) parts {
	known := parts{rounding: true, overflows: []Overflow{Saturate}, options: []string{"scale", "axis"}}
	switch {
	case f.integer():
		known.overflows = append(known.overflows, Symmetric)
	case f.hasNaN():
		known.overflows = append(known.overflows, Infinity)
	}
	return known
}

func (mxKind) refuse(f Format, word string) string {
	switch word {
	case Wrap.String():
		return "the elements of mx are scaled to fit, and its specification saturates: use sat"
	case Zero.String():
		return "overflow zero would lose the largest elements of a block: use sat"
	case Symmetric.String():
		if !f.integer() {
			return "floats have a sign bit, so that their range is symmetric already: use sat"
		}
	case Infinity.String():
		if f.integer() || !f.hasNaN() {
			return "overflow inf needs an element with a code for infinity or NaN: e5m2 or e4m3; use sat"
		}
	}
	return ""
}

// integer reports whether the element of an mx format is an integer.
func (f Format) integer() bool { return f.exponent == 0 }

func (mxKind) parse(p *parser, f *Format) {
	var words []string
	for _, e := range mxElements {
		words = append(words, e.name)
	}
	element := mxElements[p.word("the element", words)].format
	f.exponent, f.fraction, f.width, f.variant = element.exponent, element.fraction, element.width, element.variant
	p.endHead()
	f.block, f.tile = Tiled, Tile{Width: mxLength, Axis: LastAxis}
	p.mxScale(f)
	p.axisOption(f)
}

// mxScale reads scale=, which has no default.
func (p *parser) mxScale(f *Format) {
	rules := []ScaleRule{ScaleFloor, ScaleCeil, ScaleNearest}
	value, at := p.option("scale")
	for _, r := range rules {
		if value == r.String() {
			f.scaleRule = r
			return
		}
	}
	if value == "" {
		p.fail(len(p.body), "the rule of the scale is missing: scale=floor (as the specification of MX), scale=ceil (nothing saturates) or scale=rne")
		return
	}
	p.fail(at, "the rule of the scale must be floor, ceil or rne, got %q", value)
}

// element is the element of an mx format.
func (f Format) mxElement() mxElement {
	for _, e := range mxElements {
		if e.format.exponent == f.exponent && e.format.fraction == f.fraction {
			return e
		}
	}
	return mxElements[0]
}

func (mxKind) text(f Format) string {
	return fmt.Sprintf("mx:%s,scale=%v%s,%v,%v", f.mxElement().name, f.scaleRule, f.tile.axisText(), f.rounding, f.overflow)
}

func (mxKind) reads(Format) statistic { return magnitude }

// scale is the step of a block's line: 2^k, with the largest power of two of an integer's grid taken in. With m the
// largest magnitude in the block, and M that of the element,
//
//	floor: k = floor(log2 m) - floor(log2 M), as the specification of MX; what is beyond M*2^k saturates
//	ceil:  k = ceil(log2(m/M)), the least with m <= M*2^k
//	rne:   k as with floor, of m rounded to the element's mantissa, ties to even
//
// clamped to -127..127, and -127 where m is 0.
func (mxKind) scale(f Format, lo, hi float64) (step float64, zero int32) {
	k := e8m0Lowest
	if m := max(-lo, hi); m > 0 {
		k = min(max(f.mxExponent(m), e8m0Lowest), e8m0Highest)
	}
	return f.mxStep(k), 0
}

// mxStep is the step of the line of a block whose scale is 2^k.
func (f Format) mxStep(k int) float64 {
	if f.integer() {
		k -= int(f.fraction)
	}
	return math.Ldexp(1, k)
}

func (f Format) mxExponent(m float64) int {
	element := f.mxElement()
	e := floorLog2(m)
	significand := math.Ldexp(m, -e) // in [1, 2)
	switch f.scaleRule {
	case ScaleCeil:
		if significand > math.Ldexp(f.mxLargest(), -element.exponent) {
			e++
		}
	case ScaleNearest:
		if significand >= 2-math.Ldexp(1, -int(f.fraction)-1) {
			e++
		}
	}
	return e - element.exponent
}

// mxLargest is the largest value of the element at a scale of 1.
func (f Format) mxLargest() float64 {
	if f.integer() {
		return math.Ldexp(127, -int(f.fraction))
	}
	return newFloatLine(f, 1).magnitude(f.maxMagnitude())
}

func (mxKind) points(Format) int { return 0 }

func (mxKind) codeRange(f Format) (lo, hi int64) {
	if f.integer() {
		return integerRange(f)
	}
	return 0, 1<<f.width - 1
}

func (mxKind) line(f Format, v blockValues) line {
	switch {
	case math.IsNaN(v.step):
		return nanLine{f}
	case f.integer():
		return nil
	}
	return newFloatLine(f, v.step)
}

// allowsStep: a block with a NaN that its elements have no code for has the scale NaN.
func (mxKind) allowsStep(_ Format, step float64) bool { return math.IsNaN(step) }
func (mxKind) poisoned(f Format) bool                 { return f.integer() || !f.hasNaN() }
func (mxKind) blockBits(Format) int                   { return 8 }

func (mxKind) describe(f Format) (lowest, highest, step string) {
	highest = exactDecimal(f.mxLargest())
	lowest = "-" + highest
	step = exactDecimal(math.Ldexp(1, -int(f.fraction))) + " at 1"
	if f.integer() {
		lowest = "-2"
		if f.overflow == Symmetric {
			lowest = "-" + highest
		}
		step = exactDecimal(math.Ldexp(1, -int(f.fraction)))
	}
	suffix := " * 2^k"
	return lowest + suffix, highest + suffix, strings.Join([]string{step, "times 2^k, k in -127 to 127"}, ", ")
}
