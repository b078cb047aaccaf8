package target

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

const version = "target/1"

// Bounds on sizes: what an integer of a target file may be.
const (
	minWidth, maxWidth = 2, 8
	maxSide            = 256  // rows or columns
	maxLanes           = 1024 // of a dot unit
	maxStages          = 8    // registers of one kind
)

// Parse reads a target file. name is its path, or the name of a shipped target; it is what errors call the file, and
// without folder and extension the target's name.
//
// Unknown, missing and repeated keys are errors, as is what the hardware could not compute with. Every error names the
// file, the line and what to do.
func Parse(name string, data []byte) (*Target, error) {
	if len(data) > maxFile {
		return nil, errors.Errorf("%s: larger than %d bytes; this is no target file", name, maxFile)
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, errors.Errorf("%s: %s", name, syntaxMessage(err))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, errors.Errorf("%s: not one YAML document; a target file starts with 'halftone: %s'", name, version)
	}
	r := reader{file: name}
	t := &Target{Name: targetName(name)}
	if err := r.target(file.Docs[0].Body, t); err != nil {
		return nil, err
	}
	return t, nil
}

// syntaxMessage is the line and the message of a YAML error, without the excerpt that the library adds.
func syntaxMessage(err error) string {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		return fmt.Sprintf("line %d: %s", syntax.GetToken().Position.Line, syntax.GetMessage())
	}
	return err.Error()
}

// target reads the document.
func (r reader) target(body ast.Node, t *Target) error {
	var accumulator ast.Node
	err := r.mapping(body, "the file", []field{
		{"halftone", func(n ast.Node) error { return r.choice(n, "halftone", new(string), version) }},
		{"operands", func(n ast.Node) error { return r.operands(n, &t.Operands) }},
		{"array", func(n ast.Node) error { return r.array(n, &t.Array) }},
		{"accumulator", func(n ast.Node) error { accumulator = n; return r.accumulator(n, &t.Accumulator) }},
		{"requantization", func(n ast.Node) error { return r.requantization(n, &t.Requantization) }},
		{"scales", func(n ast.Node) error { return r.choice(n, "scales", &t.Scales, PerChannel, PerTensor) }},
		{"clamp", func(n ast.Node) error { return r.boolean(n, "clamp", &t.Clamp) }},
		{"pipeline", func(n ast.Node) error { return r.pipeline(n, &t.Pipeline) }},
	})
	if err != nil {
		return err
	}
	return r.accumulatorFits(accumulator, t)
}

func (r reader) operands(n ast.Node, o *Operands) error {
	return r.mapping(n, "operands", []field{
		{"activation", func(n ast.Node) error { return r.operand(n, "activation", &o.Activation) }},
		{"weight", func(n ast.Node) error {
			if err := r.operand(n, "weight", &o.Weight); err != nil {
				return err
			}
			if !o.Weight.Signed {
				return r.errorf(n, "weight: %v is unsigned, but weights are symmetric about zero; write int%d", o.Weight, o.Weight.Width)
			}
			return nil
		}},
	})
}

var operandPattern = regexp.MustCompile(`^(u?)int([0-9]{1,4})$`)

func (r reader) operand(n ast.Node, key string, o *Operand) error {
	text, err := r.text(n, key)
	if err != nil {
		return err
	}
	match := operandPattern.FindStringSubmatch(text)
	if match == nil {
		return r.errorf(n, "%s: %q is no operand; write int8, uint4 or the like", key, text)
	}
	width, err := strconv.Atoi(match[2])
	if err != nil || width < minWidth || width > maxWidth {
		return r.errorf(n, "%s: a width of %s bits is not supported; it may be %d to %d", key, match[2], minWidth, maxWidth)
	}
	*o = Operand{Width: width, Signed: match[1] == ""}
	return nil
}

func (r reader) array(n ast.Node, a *Array) error {
	size := func(key string, limit int, v *int) field {
		return field{key, func(n ast.Node) error { return r.integer(n, key, v, 1, limit) }}
	}
	kind := field{"kind", func(n ast.Node) error { return r.choice(n, "kind", &a.Kind, WeightStationary, Dot) }}
	if err := r.only(n, "array", kind); err != nil {
		return err
	}
	if a.Kind == Dot {
		return r.mapping(n, "array of kind dot", []field{kind, size("lanes", maxLanes, &a.Lanes)})
	}
	return r.mapping(n, "array of kind weight-stationary", []field{
		kind, size("rows", maxSide, &a.Rows), size("columns", maxSide, &a.Columns),
	})
}

func (r reader) accumulator(n ast.Node, f *number.Format) error {
	text, err := r.text(n, "accumulator")
	if err != nil {
		return err
	}
	*f, err = number.Parse(text)
	if err != nil {
		return r.errorf(n, "accumulator: %v", err)
	}
	if f.Kind() != "acc" {
		return r.errorf(n, "accumulator: %v is no accumulator; write acc:w32,wrap or acc:w32,sat with the width of the hardware", f)
	}
	return nil
}

// accumulatorFits checks the accumulator against the operands and the rule.
func (r reader) accumulatorFits(n ast.Node, t *Target) error {
	width, product := t.Accumulator.Width(), t.Operands.ProductBits()
	if width < product {
		return r.errorf(n, "accumulator: %v is narrower than one product of %v and %v, which has %d bits; write acc:w%d,%v or wider",
			t.Accumulator, t.Operands.Activation, t.Operands.Weight, product, product, t.Accumulator.Overflow())
	}
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return errors.Wrap(err, r.file)
	}
	if limit := rule.Info().AccumulatorBits; width > limit {
		return r.errorf(n, "accumulator: %v is wider than %s takes, %d bits; write acc:w%d,%v or choose another requantization",
			t.Accumulator, t.Requantization, limit, limit, t.Accumulator.Overflow())
	}
	return nil
}

func (r reader) requantization(n ast.Node, name *string) error {
	text, err := r.text(n, "requantization")
	if err != nil {
		return err
	}
	if _, err := requant.Get(text); err != nil {
		return r.errorf(n, "requantization: %v", err)
	}
	*name = text
	return nil
}

func (r reader) pipeline(n ast.Node, p *Pipeline) error {
	stages := func(key string, v *int) field {
		return field{key, func(n ast.Node) error { return r.integer(n, key, v, 0, maxStages) }}
	}
	return r.mapping(n, "pipeline", []field{
		stages("multiply", &p.Multiply), stages("add", &p.Add), stages("requantize", &p.Requantize),
	})
}

// nearest is the known key that needs the fewest edits to become key.
func nearest(key string, known []string) string {
	best, distance := "", 0
	for _, k := range known {
		if d := edits(strings.ToLower(key), k); best == "" || d < distance {
			best, distance = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two strings.
func edits(a, b string) int {
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		diagonal := above[0]
		above[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = above[j+1]
			above[j+1] = min(cost, above[j]+1, above[j+1]+1)
		}
	}
	return above[len(b)]
}
