package number

import (
	"fmt"
	"math"
)

// nvLength is the number of elements in a block of NVFP4.
const nvLength = 16

// nvScale is the format of the scales: E4M3, the sign of which is not used.
var nvScale = Format{exponent: 4, fraction: 3, width: 8, variant: fn}

// nvKind is the 4-bit float of NVIDIA: blocks of 16 neighbours with an E4M3 scale. value = element * scale.
type nvKind struct{ linear }

var (
	_ kind        = nvKind{}
	_ liner       = nvKind{}
	_ blockScaler = nvKind{}
	_ refuser     = nvKind{}
	_ codeRanger  = nvKind{}
)

func (nvKind) name() string    { return "nv" }
func (nvKind) example() string { return "nv:e2m1,rne,sat" }
func (nvKind) summary() string {
	return "NVIDIA's 4-bit floats e2m1 in blocks of 16 with an E4M3 scale"
}

func (nvKind) parts(Format) parts {
	return parts{rounding: true, overflows: []Overflow{Saturate}, options: []string{"axis"}}
}

func (nvKind) refuse(f Format, word string) string {
	switch word {
	case Wrap.String(), Zero.String(), Infinity.String(), Symmetric.String():
		return "the elements of nv have a symmetric range and neither infinity nor NaN, and are scaled to fit: use sat"
	}
	return ""
}

func (nvKind) parse(p *parser, f *Format) {
	p.word("the element", []string{"e2m1"})
	p.endHead()
	f.exponent, f.fraction, f.width, f.variant = 2, 1, 4, fn
	f.block, f.tile = Tiled, Tile{Width: nvLength, Axis: LastAxis}
	f.scaleRule = ScaleMax
	p.axisOption(f)
}

func (nvKind) text(f Format) string {
	return fmt.Sprintf("nv:e2m1%s,%v,%v", f.tile.axisText(), f.rounding, f.overflow)
}

func (nvKind) reads(Format) statistic { return magnitude }

// scale is m/6 rounded to E4M3, ties to even, where m is the largest magnitude and 6 the largest element, clamped to the
// positive numbers of E4M3, 2^-9 to 448.
func (nvKind) scale(_ Format, lo, hi float64) (step float64, zero int32) {
	l := newFloatLine(nvScale, 1)
	q := l.placeRatio(max(-lo, hi), 6)
	ordinal := q.floor
	if NearestEven.up(q, false, 0) {
		ordinal++
	}
	return l.magnitude(min(max(ordinal, 1), l.most)), 0
}

func (nvKind) points(Format) int               { return 0 }
func (nvKind) codeRange(Format) (lo, hi int64) { return 0, 15 }

// allowsStep: a block with a NaN that its elements have no code for has the scale NaN.
func (nvKind) allowsStep(_ Format, step float64) bool { return math.IsNaN(step) }
func (nvKind) poisoned(f Format) bool                 { return true }
func (nvKind) blockBits(Format) int                   { return 8 }
func (nvKind) line(f Format, v blockValues) line {
	if math.IsNaN(v.step) {
		return nanLine{f}
	}
	return newFloatLine(f, v.step)
}

func (nvKind) describe(Format) (lowest, highest, step string) {
	return "-6 * scale", "6 * scale", "0.5 * scale at the scale, an E4M3 number in 2^-9 to 448"
}
