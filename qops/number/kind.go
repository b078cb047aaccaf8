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
	// parts lists what may follow the head.
	parts() parts
	// parse reads the head and the options into f.
	parse(p *parser, f *Format)
	// text is the canonical string.
	text(f Format) string
	// sums reports whether the kind is a rule for sums and not for tensors.
	sums() bool
	// step is the step that the format itself gives, or 0.
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

// parts lists what a format string of a kind consists of, beside its head.
type parts struct {
	rounding  bool
	overflows []Overflow
	options   []string // keys of key=value, in canonical order
}

// takes reports whether the kind has the option.
func (p parts) takes(option string) bool { return slices.Contains(p.options, option) }

// kinds lists the kinds of formats. The index is part of a Format, and float32 is the first, so that the zero value
// of Format is float32.
var kinds = []kind{
	float32Kind{},
	fixedKind{},
	intKind{},
	bfpKind{},
	accumulatorKind{},
	exactKind{},
}

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
	nothing   statistic = iota // the format, or values from outside
	magnitude                  // the largest finite |x| of a block
	extremes                   // the smallest and largest finite x of a block
)

// linear holds what kinds with a grid of equal steps have in common. Kinds embed it and replace what differs.
type linear struct{}

func (linear) parts() parts {
	return parts{rounding: true, overflows: []Overflow{Saturate, Symmetric, Wrap, Zero}}
}
func (linear) sums() bool           { return false }
func (linear) step(Format) float64  { return 0 }
func (linear) blockBits(Format) int { return 0 }
