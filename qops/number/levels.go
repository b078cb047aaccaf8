package number

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/halftone-go/halftone/qops/number/levels"
)

// maxLevels is the largest number of levels.
const maxLevels = 256

// levelChoice tells how levels are chosen.
type levelChoice uint8

const (
	levelsOptimal  levelChoice = iota // the least variance of stochastic rounding, among all values of the block
	levelsQuantile                    // nearly that, among some candidates
	levelsUniform                     // at equal distances
	levelsRun                         // from outside
)

var levelChoices = [...]word{
	levelsOptimal:  {"optimal", "levels: the points with the least variance of stochastic rounding (ZipML)"},
	levelsQuantile: {"quantile", "levels: nearly the optimal ones, among candidates that cut the values into a thousand cells"},
	levelsUniform:  {"uniform", "levels: at equal distances from the smallest to the largest value"},
	levelsRun:      {"run", "levels: set from outside, so that many tensors have the same"},
}

func (c levelChoice) String() string { return levelChoices[c].name }

// levelCandidates is the number of candidates of quantile for few levels, and levelCandidatesPer for each of many.
const (
	levelCandidates    = 1024
	levelCandidatesPer = 16
)

// levelsKind is N values chosen from the block, float32 numbers from its smallest to its largest. Codes count them. A
// block with no more different values than N has those. With the choice run, Scales.Points has the levels from outside,
// N for each block, ascending; elements beyond them become the ends.
type levelsKind struct{ linear }

var (
	_ kind          = levelsKind{}
	_ liner         = levelsKind{}
	_ fitter        = levelsKind{}
	_ codeRanger    = levelsKind{}
	_ refuser       = levelsKind{}
	_ detailed      = levelsKind{}
	_ pointsChecker = levelsKind{}
)

func (levelsKind) name() string    { return "levels" }
func (levelsKind) example() string { return "levels:16,optimal,sr" }
func (levelsKind) summary() string {
	return "N values (2 to 256) chosen from the block: optimal, quantile or uniform; or set from outside: run"
}

func (levelsKind) parts(Format) parts {
	return parts{rounding: true, options: []string{"block", "axis"}, choices: names(levelChoices[:])}
}

func (levelsKind) refuse(_ Format, word string) string {
	switch r, err := ParseRounding(word); {
	case err == nil && (r == Trunc || r == NearestAway || r == NearestZero):
		return "levels need not hold zero, so that neither of two is always nearer to it: use floor, ceil or rne in place of " + word
	case err == nil:
		return ""
	case slices.Contains(Overflows(), word):
		return "levels reach from the smallest to the largest value, and nothing overflows: leave " + word + " out"
	default:
		return fmt.Sprintf("unknown part %q of levels: expected a choice of the levels (%s) or a rounding (rne rnu rnd floor ceil odd sr sr1..sr16)",
			word, strings.Join(names(levelChoices[:]), " "))
	}
}

func (levelsKind) parse(p *parser, f *Format) {
	n, err := strconv.Atoi(p.head)
	if err != nil || strconv.Itoa(n) != p.head || n < 2 || n > maxLevels {
		p.fail(p.headAt, "the number of levels must be a whole number in 2 to %d, got %q", maxLevels, p.head)
		n = 2
	}
	f.scale, f.width = float64(n), uint8(bits.Len(uint(n-1)))
	f.scaleRule = ScaleMax
	if p.levelChoice(f); f.choice == levelsRun {
		f.scaleRule = ScaleRun
	}
	p.blockOption(f)
}

// levelChoice takes the word of the choice out of the fields.
func (p *parser) levelChoice(f *Format) {
	found := false
	p.fields = slices.DeleteFunc(p.fields, func(part field) bool {
		choice := slices.Index(names(levelChoices[:]), part.value)
		if part.key != "" || choice < 0 {
			return false
		}
		p.once(&part, "choice of the levels", &found)
		f.choice = levelChoice(choice)
		return true
	})
	if !found {
		p.fail(len(p.body), "the choice of the levels is missing: one of %s", strings.Join(names(levelChoices[:]), " "))
	}
}

func (k levelsKind) text(f Format) string {
	return fmt.Sprintf("levels:%d,%v%s,%v", k.points(f), f.choice, f.blockText(), f.rounding)
}

func (levelsKind) points(f Format) int                 { return int(f.scale) }
func (k levelsKind) codeRange(f Format) (lo, hi int64) { return 0, int64(k.points(f)) - 1 }
func (k levelsKind) blockBits(f Format) int            { return 32 * k.points(f) }
func (levelsKind) fits(f Format) bool                  { return f.choice != levelsRun }
func (levelsKind) line(f Format, v blockValues) line   { return newLevelsLine(f, v.points) }

func (levelsKind) describe(f Format) (lowest, highest, step string) {
	if f.choice == levelsRun {
		return "the first level", "the last level", "set from outside"
	}
	return "min x", "max x", "chosen from the block"
}

func (levelsKind) details(Format) details { return details{nan: "becomes the level nearest to 0"} }

// allowsPoints accepts finite numbers that ascend; the last may stand more than once.
func (levelsKind) allowsPoints(points []float64) bool {
	for i, x := range points {
		if x-x != 0 || i > 0 && x < points[i-1] {
			return false
		}
	}
	return true
}

// fit chooses the levels of a block, and fills up with the last where there are fewer. Elements are rounded to float32
// for it; the ends are moved outwards by one float32 where an element would lie beyond.
func (k levelsKind) fit(f Format, x []float64, threads int) blockValues {
	n := k.points(f)
	v := blockValues{step: 1, points: make([]float64, n)}
	low, high := math.Inf(1), math.Inf(-1)
	narrow := make([]float32, 0, len(x))
	for _, y := range x {
		if y-y == 0 {
			low, high = min(low, y), max(high, y)
			narrow = append(narrow, float32(min(max(y, -math.MaxFloat32), math.MaxFloat32)))
		}
	}
	chosen := chooseLevels(f.choice, narrow, n, threads)
	if len(chosen) == 0 {
		return v
	}
	chosen[0] = outwards(chosen[0], low, -1)
	chosen[len(chosen)-1] = outwards(chosen[len(chosen)-1], high, 1)
	for i := range v.points {
		v.points[i] = float64(chosen[min(i, len(chosen)-1)])
	}
	return v
}

// outwards returns an end of the levels, or the next float32 if the element lies beyond it.
func outwards(end float32, element, sign float64) float32 {
	if (element-float64(end))*sign <= 0 || math.Abs(float64(end)) == math.MaxFloat32 {
		return end
	}
	return math.Nextafter32(end, float32(math.Inf(int(sign))))
}

// chooseLevels returns up to n ascending levels; none for no values.
func chooseLevels(choice levelChoice, values []float32, n, threads int) []float32 {
	if len(values) == 0 {
		return nil
	}
	var chosen []float32
	var err error
	switch choice {
	case levelsUniform:
		chosen = levels.Uniform(slices.Min(values), slices.Max(values), n)
	case levelsQuantile:
		chosen, _, err = levels.Approximate(levels.Sorted(values, threads), n, max(levelCandidates, levelCandidatesPer*n), threads)
	default:
		chosen, err = levels.Optimal(levels.Sorted(values, threads), n, threads)
	}
	if err != nil {
		panic(err) // the values are sorted and finite
	}
	return chosen
}
