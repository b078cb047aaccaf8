package number

import "slices"

// kind is a family of formats: what Parse, String, Quantize and the description of a format need to know of it.
type kind interface {
	// name is the word before the colon.
	name() string
	// example is a complete format of the kind.
	example() string
	// summary says in a few words what the kind is.
	summary() string
	// parts lists what may follow the head of the format.
	parts(f Format) parts
	// parse reads the head and the options into f.
	parse(p *parser, f *Format)
	// text is the canonical string.
	text(f Format) string
	// sums reports whether the kind is a rule for sums and not for tensors.
	sums() bool
	// step is the step that the format itself gives, the same everywhere, or 0.
	step(f Format) float64
	// blockBits is the number of bits stored per block, beside the codes.
	blockBits(f Format) int
	// describe returns what the format's description says of its range and step.
	describe(f Format) (lowest, highest, step string)
}

// blockScaler is a kind that can take the scale of a block from its elements.
type blockScaler interface {
	// reads tells what the scale of a block depends on.
	reads(f Format) statistic
	// scale returns step and zero point of a block whose finite elements lie in lo to hi (0, 0 if there are none). It is
	// called only if reads names something.
	scale(f Format, lo, hi float64) (step float64, zero int32)
}

// fitter is a kind whose block values depend on more of the elements than their extremes.
type fitter interface {
	// fits reports whether those of the format do.
	fits(f Format) bool
	// fit returns the values of a block from its elements, in order. NaN and infinities are among them. It may change x. What
	// it returns does not depend on the number of threads.
	fit(f Format, x []float64, threads int) blockValues
}

// stepper is a kind whose blocks may have steps that are no positive numbers.
type stepper interface {
	allowsStep(f Format, step float64) bool
}

// poisoner is a kind whose blocks become NaN as a whole where they hold one, for elements that have no code for it. Those
// of other programs do at an infinity, too.
type poisoner interface{ poisoned(f Format) bool }

// liner is a kind whose values are not equally spaced, or not rounded by the common rule.
type liner interface {
	// line returns the line of a block, or nil where the format has equal steps and the common rule.
	line(f Format, v blockValues) line
	// points is the number of values that Scales.Points holds for each block.
	points(f Format) int
}

// codeRanger is a kind whose codes are not integers of its width with or without sign.
type codeRanger interface {
	codeRange(f Format) (lo, hi int64)
}

// refuser is a kind that says why it does not take a rounding or an overflow that others take.
type refuser interface {
	// refuse returns the reason, or "".
	refuse(f Format, word string) string
}

// pointsChecker is a kind that refuses points that no block can have.
type pointsChecker interface{ allowsPoints(points []float64) bool }

// pointsHidden is a kind whose points only rounding reads, so that they need not be stored.
type pointsHidden interface{ hidesPoints() bool }

// narrower is a kind that says itself which of its formats have values that a float32 does not have.
type narrower interface {
	// beyondFloat32 returns what the format has and float32 has not, or "".
	beyondFloat32(f Format) string
}

// parts lists what a format string of a kind consists of, beside its head.
type parts struct {
	rounding  bool
	overflows []Overflow
	options   []string // keys of key=value, in canonical order
	choices   []string // words of which one must be there
	compats   []compat // whose code the format can follow to the bit
}

// takes reports whether the kind has the option.
func (p parts) takes(option string) bool { return slices.Contains(p.options, option) }

// kinds lists the kinds of formats. The index is part of a Format, and float32 is the first, so that the zero value
// of Format is float32.
var kinds = []kind{
	float32Kind{},
	fixedKind{},
	intIndex:   intKind{},
	bfpIndex:   bfpKind{},
	floatIndex: floatKind{},
	mxKind{},
	nvKind{},
	log2Kind{},
	ternaryKind{},
	binaryKind{},
	levelsKind{},
	sparseKind{},
	positKind{},
	accumulatorKind{},
	exactKind{},
}

// The places of kinds that are asked for by name.
const (
	intIndex   = 2
	bfpIndex   = 3
	floatIndex = 4
)

func (f Format) spec() kind { return kinds[f.kind] }

// Kinds lists the names of the kinds.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name()
	}
	return names
}

// statistic is what a scale is computed from.
type statistic uint8

const (
	nothing      statistic = iota // the format, or values from outside
	magnitude                     // the largest finite |x| of a block
	extremes                      // the smallest and largest finite x of a block
	anyMagnitude                  // the largest |x|, NaN if there is one; for the scales of QPyTorch's blocks
)

// linear holds what kinds with a grid of equal steps have in common. Kinds embed it and replace what differs.
type linear struct{}

func (linear) parts(Format) parts {
	return parts{rounding: true, overflows: []Overflow{Saturate, Symmetric, Wrap, Zero}}
}
func (linear) sums() bool           { return false }
func (linear) step(Format) float64  { return 0 }
func (linear) blockBits(Format) int { return 0 }
