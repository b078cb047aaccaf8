package number

import "math"

// ternaryKind is {-a, 0, a}: elements with |x| > T*mean|x| become a with their sign, where a is the mean of their |x|, the
// others 0 (Li, Zhang and Liu, "Ternary weight networks", 2016, where T is 0.7). Means are of the block, as meanOf takes
// them, and a is a float32 number. Codes are -1, 0, 1.
type ternaryKind struct{ linear }

var (
	_ kind          = ternaryKind{}
	_ liner         = ternaryKind{}
	_ fitter        = ternaryKind{}
	_ codeRanger    = ternaryKind{}
	_ refuser       = ternaryKind{}
	_ stepper       = ternaryKind{}
	_ detailed      = ternaryKind{}
	_ pointsHidden  = ternaryKind{}
	_ pointsChecker = ternaryKind{}
)

func (ternaryKind) name() string    { return "ternary" }
func (ternaryKind) example() string { return "ternary:t0.7" }
func (ternaryKind) summary() string {
	return "-a, 0, a: |x| above T*mean|x| becomes a, the mean of those, with the sign; the rest 0"
}
func (ternaryKind) parts(Format) parts { return parts{options: []string{"block", "axis"}} }

func (ternaryKind) refuse(_ Format, word string) string {
	return noRounding("ternary", "a threshold", word)
}

// noRounding is the reason why kinds that decide otherwise take neither a rounding nor an overflow, or "" if the word is
// none.
func noRounding(kind, decides, word string) string {
	_, err := ParseRounding(word)
	for _, w := range overflows {
		if err == nil || word == w.name {
			return kind + " goes by " + decides + " alone: leave " + word + " out"
		}
	}
	return ""
}

func (ternaryKind) parse(p *parser, f *Format) {
	f.scale = p.positive("t", "the threshold")
	f.width = 2
	f.scaleRule = ScaleMax
	p.endHead()
	p.blockOption(f)
}

func (ternaryKind) text(f Format) string { return "ternary:t" + decimal(f.scale) + f.blockText() }

func (ternaryKind) codeRange(Format) (lo, hi int64) { return -1, 1 }
func (ternaryKind) blockBits(Format) int            { return 32 }
func (ternaryKind) fits(Format) bool                { return true }
func (ternaryKind) points(Format) int               { return 1 }
func (ternaryKind) hidesPoints() bool               { return true }

// allowsStep: a is 0 where no element is beyond the threshold.
func (ternaryKind) allowsStep(_ Format, step float64) bool { return step == 0 }

// allowsPoints: thresholds are not negative.
func (ternaryKind) allowsPoints(points []float64) bool { return points[0] >= 0 }

// fit returns a as the step and the threshold as the point.
func (ternaryKind) fit(f Format, x []float64, _ int) blockValues {
	magnitudes := finiteMagnitudes(x)
	threshold := float64(f.scale * meanOf(magnitudes))
	beyond := magnitudes[:0]
	for _, v := range magnitudes {
		if v > threshold {
			beyond = append(beyond, v)
		}
	}
	return blockValues{step: float32Mean(meanOf(beyond)), points: []float64{threshold}}
}

func (ternaryKind) line(_ Format, v blockValues) line { return ternaryLine{v.step, v.points[0]} }

func (ternaryKind) describe(Format) (lowest, highest, step string) { return "-a", "a", "a" }

func (ternaryKind) details(Format) details {
	return details{smallest: "a", infinity: "becomes a with its sign, and is left out of the means", gradient: "straight through"}
}

// ternaryLine rounds by the threshold; ordinals are codes.
type ternaryLine struct{ a, threshold float64 }

var (
	_ line    = ternaryLine{}
	_ rounder = ternaryLine{}
)

func (l ternaryLine) round(x float64, _ uint32) (p point, clipped bool) {
	switch {
	case x > l.threshold:
		p.ordinal = 1
	case x < -l.threshold:
		p = point{negative: true, ordinal: -1}
	}
	return p, math.IsInf(x, 0)
}

func (l ternaryLine) place(x float64) quotient {
	p, _ := l.round(x, 0)
	return quotient{floor: p.ordinal}
}

func (l ternaryLine) at(ordinal int64) (offset int64, step float64) { return ordinal, l.a }
func (ternaryLine) limits() (lo, hi int64)                          { return -1, 1 }
func (ternaryLine) signedZero() bool                                { return false }
func (ternaryLine) special(class, bool) point                       { return point{} }
func (ternaryLine) code(p point) int64                              { return p.ordinal }
func (ternaryLine) point(code int64) (p point, ok bool) {
	return point{negative: code < 0, ordinal: code}, code >= -1 && code <= 1
}
