package number

import "fmt"

// sparseKind is float32 numbers without those below a threshold: x rounded to float32, and 0 where |x| is then below T
// (the "sparse" of TensorQuant). NaN and infinities stay. Codes are the bit patterns of float32.
type sparseKind struct{ linear }

var (
	_ kind       = sparseKind{}
	_ liner      = sparseKind{}
	_ codeRanger = sparseKind{}
	_ refuser    = sparseKind{}
	_ detailed   = sparseKind{}
)

// single is the format of a float32 number.
var single = Format{kind: floatIndex, exponent: 8, fraction: 23, width: 32, variant: ieee, rounding: NearestEven, overflow: Infinity}

func (sparseKind) name() string       { return "sparse" }
func (sparseKind) example() string    { return "sparse:t0.01" }
func (sparseKind) summary() string    { return "float32 numbers, and 0 for those with |x| below T" }
func (sparseKind) parts(Format) parts { return parts{} }

func (sparseKind) refuse(_ Format, word string) string {
	return noRounding("sparse", "a threshold", word)
}

func (sparseKind) parse(p *parser, f *Format) {
	f.scale = p.positive("t", "the threshold")
	f.width = single.width
	p.endHead()
	p.noOptions("sparse")
}

func (sparseKind) text(f Format) string { return "sparse:t" + decimal(f.scale) }

func (sparseKind) codeRange(f Format) (lo, hi int64) {
	return single.spec().(codeRanger).codeRange(single)
}
func (sparseKind) points(Format) int { return 0 }
func (sparseKind) line(f Format, _ blockValues) line {
	return sparseLine{newFloatLine(single, 1), f.scale}
}

func (sparseKind) describe(f Format) (lowest, highest, step string) {
	lowest, highest, _ = floatKind{}.describe(single)
	return lowest, highest, fmt.Sprintf("that of float32; nothing between 0 and %s", decimal(f.scale))
}

func (sparseKind) details(f Format) details {
	d := floatKind{}.details(single)
	d.smallest, d.smallestNormal = decimal(f.scale), ""
	d.gradient = "straight through"
	d.storagePerElement = fmt.Sprintf("1 bit per value, and %d for each that is not 0", single.width)
	return d
}

// sparseLine is the line of float32 numbers with a gap around zero.
type sparseLine struct {
	floatLine
	threshold float64
}

var (
	_ line    = sparseLine{}
	_ rounder = sparseLine{}
)

func (l sparseLine) round(x float64, r uint32) (p point, clipped bool) {
	p, clipped = single.roundPoint(l.floatLine, x, r)
	if l.below(p) {
		return point{}, false
	}
	return p, clipped
}

// below reports whether the point is a number below the threshold.
func (l sparseLine) below(p point) bool {
	return p.class == ordinary && l.magnitude(max(p.ordinal, -p.ordinal)) < l.threshold
}

// point refuses the codes of numbers below the threshold, but for 0.
func (l sparseLine) point(code int64) (p point, ok bool) {
	p, ok = l.floatLine.point(code)
	return p, ok && (code == 0 || !l.below(p))
}
