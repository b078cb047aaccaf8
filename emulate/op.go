package emulate

import (
	"slices"
	"strings"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// Op is what a layer computes. The kinds of this package are all there are.
type Op interface {
	// Kind names the op in files and reports.
	Kind() string
	// arity is the number of inputs.
	arity() int
	// shape gives the shape of the output of one image and checks the parameters against the inputs' shapes.
	shape(inputs [][]int) ([]int, error)
	// compile checks the op in its place and returns what runs it.
	compile(s *scope) (step, error)
}

// stored is an op with arrays, which are saved beside the description of the program.
type stored interface {
	arrays() map[string]*npy.Array
	setArrays(get func(name string) *npy.Array) error // nil where there is none
}

// kinds are the ops, by a new value of each.
var kinds = []func() Op{
	func() Op { return new(Quantize) },
	func() Op { return new(Conv) },
	func() Op { return new(Dense) },
	func() Op { return new(Add) },
	func() Op { return new(AveragePool) },
	func() Op { return new(MaxPool) },
	func() Op { return new(Requantize) },
	func() Op { return new(Reshape) },
}

// newOp returns a zero op of a kind.
func newOp(kind string) (Op, error) {
	var known []string
	for _, k := range kinds {
		op := k()
		if op.Kind() == kind {
			return op, nil
		}
		known = append(known, op.Kind())
	}
	return nil, errors.Errorf("unknown kind of layer %q; known are %s", kind, strings.Join(known, ", "))
}

// scope is what surrounds an op when it is compiled.
type scope struct {
	target  *target.Target
	rule    requant.Rule
	layer   *Layer
	inputs  []Output
	shapes  [][]int // of the inputs
	outputs []int   // shape of the output
}

// step runs an op on one image. It may be called by several goroutines at once, each with its own scratch, and returns in
// how many outputs the accumulator overflowed.
type step interface {
	run(c *call) (overflows int64)
}

// call is one image's pass through a layer.
type call struct {
	image   []float32 // for the first layer
	in      [][]int16
	out     []int16
	scratch *scratch
}

// scratch is memory that a worker reuses from layer to layer.
type scratch struct {
	padded, rows []int16
	sums         []int64
}

// grow returns a slice of n elements in the place of *s, with any content.
func grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

// sameScale refuses an output whose scale or zero point differ from the input's, for ops that only move or compare codes.
func (s *scope) sameScale() error {
	in, out := s.inputs[0], s.layer.Output
	if in.Scale != out.Scale || in.Zero != out.Zero {
		return errors.Errorf("input and output of a %s must have the same scale and zero point, but they are %v, %d and %v, %d; put a requantize layer in between",
			s.layer.Op.Kind(), in.Scale, in.Zero, out.Scale, out.Zero)
	}
	return nil
}

// Limits on sizes from outside: far above any network that is run here, far below what exhausts memory.
const (
	maxLayers    = 10_000
	maxRank      = 8
	maxDimension = 1 << 16
	maxElements  = 1 << 26 // codes of one image in one layer, weights of one layer
	maxProgram   = 1 << 27 // codes of one image in all layers
)

// elements is the number of elements of a shape, which must be within the limits.
func elements(shape []int) (int, error) {
	if len(shape) == 0 || len(shape) > maxRank {
		return 0, errors.Errorf("a shape of rank %d is not supported; it may be 1 to %d", len(shape), maxRank)
	}
	n := 1
	for _, d := range shape {
		if d < 1 || d > maxDimension {
			return 0, errors.Errorf("the shape %v has a length outside 1 to %d", shape, maxDimension)
		}
		if n *= d; n > maxElements {
			return 0, errors.Errorf("the shape %v has more than %d elements", shape, maxElements)
		}
	}
	return n, nil
}

// volume is the number of elements of a shape that was checked.
func volume(shape []int) int { return npy.Size(shape) }

// inRange refuses parameters outside lo..hi; names and values alternate.
func inRange(lo, hi int, namesAndValues ...any) error {
	for pair := range slices.Chunk(namesAndValues, 2) {
		if v := pair[1].(int); v < lo || v > hi {
			return errors.Errorf("%s %d is outside %d to %d", pair[0], v, lo, hi)
		}
	}
	return nil
}
