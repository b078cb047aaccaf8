package number

import "math"

// binaryKind is {-a, a}, by the sign of x: a is the mean of |x| in the block, as meanOf takes it and rounded to float32
// (scaled; Rastegari and others, "XNOR-Net", 2016), or 1 (unit; Courbariaux and others, "Binarized neural networks",
// 2016). Zeros and NaN become a; a block of zeros, whose a is 0, gives zeros. Code 0 is -a, code 1 is a.
//
// Elements beyond -1 to 1 count as clipped: both papers take the derivative of the hard tanh in place of that of the
// sign, which is 0 there.
type binaryKind struct{ linear }

var (
	_ kind       = binaryKind{}
	_ liner      = binaryKind{}
	_ fitter     = binaryKind{}
	_ codeRanger = binaryKind{}
	_ refuser    = binaryKind{}
	_ stepper    = binaryKind{}
	_ detailed   = binaryKind{}
	_ latticer   = binaryKind{}
)

// binaryScales are the words for a.
var binaryScales = [...]word{
	{"scaled", "binary: the mean of |x| in the block"},
	{"unit", "binary: 1"},
}

func (binaryKind) name() string    { return "binary" }
func (binaryKind) example() string { return "binary:scaled" }
func (binaryKind) summary() string {
	return "-a, a by the sign: a is the mean of |x| in the block (scaled), or 1 (unit)"
}

func (binaryKind) parts(f Format) parts {
	if f.scaleRule == ScaleMax {
		return parts{options: []string{"block", "axis"}}
	}
	return parts{}
}

func (binaryKind) refuse(_ Format, word string) string { return noRounding("binary", "the sign", word) }

func (binaryKind) parse(p *parser, f *Format) {
	f.width = 1
	if p.word("the size of the values", names(binaryScales[:])) == 0 {
		f.scaleRule = ScaleMax
	}
	p.endHead()
	if f.scaleRule == ScaleMax {
		p.blockOption(f)
	} else {
		p.noOptions("binary:unit")
	}
}

func (binaryKind) text(f Format) string {
	if f.scaleRule == ScaleMax {
		return "binary:scaled" + f.blockText()
	}
	return "binary:unit"
}

func (binaryKind) codeRange(Format) (lo, hi int64) { return 0, 1 }
func (binaryKind) fits(f Format) bool              { return f.scaleRule == ScaleMax }
func (binaryKind) points(Format) int               { return 0 }

// allowsStep: a is 0 for a block of zeros.
func (binaryKind) allowsStep(_ Format, step float64) bool { return step == 0 }

func (binaryKind) blockBits(f Format) int {
	if f.scaleRule == ScaleMax {
		return 32
	}
	return 0
}

func (binaryKind) fit(_ Format, x []float64, _ int) blockValues {
	return blockValues{step: float32Mean(meanOf(finiteMagnitudes(x)))}
}

func (binaryKind) line(f Format, v blockValues) line {
	if f.scaleRule == ScaleMax {
		return binaryLine{v.step}
	}
	return binaryLine{1}
}

func (binaryKind) describe(f Format) (lowest, highest, step string) {
	if f.scaleRule == ScaleMax {
		return "-a", "a", "2 * a"
	}
	return "-1", "1", "2"
}

func (k binaryKind) details(f Format) details {
	_, a, _ := k.describe(f)
	return details{
		smallest: a, nan: "becomes " + a, infinity: "becomes " + a + " with its sign, and is left out of the mean",
		gradient: "straight through; 0 where |x| > 1, if asked for (clipped: zero)",
	}
}

// lattice is that of 1; the means of blocks are no powers of two.
func (binaryKind) lattice(f Format) (unit, most float64, ok bool) {
	return 1, 1, f.scaleRule == ScaleGiven
}

// binaryLine rounds by the sign. Zero is no value, so that ordinals begin at 1: they are the code plus 1.
type binaryLine struct{ a float64 }

var (
	_ line    = binaryLine{}
	_ rounder = binaryLine{}
)

func (l binaryLine) round(x float64, _ uint32) (p point, clipped bool) {
	p.ordinal = 2
	if x < 0 {
		p = point{negative: true, ordinal: 1}
	}
	return p, math.Abs(x) > 1
}

func (l binaryLine) place(x float64) quotient {
	p, _ := l.round(x, 0)
	return quotient{floor: p.ordinal}
}

func (l binaryLine) at(ordinal int64) (offset int64, step float64) { return 2*ordinal - 3, l.a }
func (binaryLine) limits() (lo, hi int64)                          { return 1, 2 }
func (binaryLine) signedZero() bool                                { return false }
func (binaryLine) special(class, bool) point                       { return point{ordinal: 2} }
func (binaryLine) code(p point) int64                              { return p.ordinal - 1 }
func (binaryLine) point(code int64) (p point, ok bool) {
	return point{negative: code == 0, ordinal: code + 1}, code == 0 || code == 1
}
