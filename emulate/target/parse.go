package target

import (
	"regexp"
	"strconv"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/internal/document"
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
	file, err := document.Parse(name, data)
	if err != nil {
		return nil, err
	}
	t := &Target{Name: targetName(name)}
	if err := readTarget(file, t); err != nil {
		return nil, err
	}
	return t, nil
}

// field is a key that a mapping must have, and what reads its value.
type field struct {
	key  string
	read func(document.Node) error
}

// readMapping reads a mapping that has exactly the given keys.
func readMapping(m document.Mapping, fields ...field) error {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	if err := m.Only(keys...); err != nil {
		return err
	}
	for _, f := range fields {
		value, err := m.Need(f.key)
		if err != nil {
			return err
		}
		if err := f.read(value); err != nil {
			return errors.WithMessage(err, f.key)
		}
	}
	return nil
}

// oneOf reads a word that is one of several.
func oneOf(key string, v *string, values ...string) field {
	return field{key, func(n document.Node) (err error) {
		*v, err = n.OneOf(values...)
		return err
	}}
}

// integer reads an integer of lo..hi.
func integer(key string, v *int, lo, hi int) field {
	return field{key, func(n document.Node) (err error) {
		if *v, err = n.Int(); err == nil && (*v < lo || *v > hi) {
			err = n.Errorf("%d is out of range; it may be %d to %d", *v, lo, hi)
		}
		return err
	}}
}

// nested reads a mapping inside a mapping.
func nested(key string, fields ...field) field {
	return field{key, func(n document.Node) error {
		m, err := n.Mapping()
		if err != nil {
			return err
		}
		return readMapping(m, fields...)
	}}
}

func readTarget(file document.Mapping, t *Target) error {
	return readMapping(file,
		oneOf("halftone", new(string), version),
		nested("operands",
			field{"activation", func(n document.Node) error { return readOperand(n, &t.Operands.Activation) }},
			field{"weight", func(n document.Node) error { return readWeight(n, &t.Operands.Weight) }}),
		field{"array", func(n document.Node) error { return readArray(n, &t.Array) }},
		field{"requantization", func(n document.Node) error { return readRequantization(n, &t.Requantization) }},
		field{"accumulator", func(n document.Node) error { return readAccumulator(n, t) }},
		oneOf("scales", &t.Scales, PerChannel, PerTensor),
		field{"clamp", func(n document.Node) (err error) {
			t.Clamp, err = n.Bool()
			return err
		}},
		nested("pipeline",
			integer("multiply", &t.Pipeline.Multiply, 0, maxStages),
			integer("add", &t.Pipeline.Add, 0, maxStages),
			integer("requantize", &t.Pipeline.Requantize, 0, maxStages)),
	)
}

var operandPattern = regexp.MustCompile(`^(u?)int([0-9]{1,4})$`)

func readOperand(n document.Node, o *Operand) error {
	text, err := n.String()
	if err != nil {
		return err
	}
	match := operandPattern.FindStringSubmatch(text)
	if match == nil {
		return n.Errorf("%q is no operand; write int8, uint4 or the like", text)
	}
	width, err := strconv.Atoi(match[2])
	if err != nil || width < minWidth || width > maxWidth {
		return n.Errorf("a width of %s bits is not supported; it may be %d to %d", match[2], minWidth, maxWidth)
	}
	*o = Operand{Width: width, Signed: match[1] == ""}
	return nil
}

func readWeight(n document.Node, o *Operand) error {
	if err := readOperand(n, o); err != nil {
		return err
	}
	if !o.Signed {
		return n.Errorf("%v is unsigned, but weights are symmetric about zero; write int%d", o, o.Width)
	}
	return nil
}

// readArray reads the kind first, since it decides what the other keys are.
func readArray(n document.Node, a *Array) error {
	m, err := n.Mapping()
	if err != nil {
		return err
	}
	kind := oneOf("kind", &a.Kind, WeightStationary, Dot)
	value, err := m.Need(kind.key)
	if err != nil {
		return err
	}
	if err := kind.read(value); err != nil {
		return errors.WithMessage(err, kind.key)
	}
	if a.Kind == Dot {
		return readMapping(m, kind, integer("lanes", &a.Lanes, 1, maxLanes))
	}
	return readMapping(m, kind, integer("rows", &a.Rows, 1, maxSide), integer("columns", &a.Columns, 1, maxSide))
}

func readRequantization(n document.Node, name *string) error {
	text, err := n.String()
	if err != nil {
		return err
	}
	if _, err := requant.Get(text); err != nil {
		return n.Errorf("%v", err)
	}
	*name = text
	return nil
}

// readAccumulator reads the accumulator and checks it against the operands and the rule, which are read already.
func readAccumulator(n document.Node, t *Target) error {
	text, err := n.String()
	if err != nil {
		return err
	}
	f, err := number.Parse(text)
	if err != nil {
		return n.Errorf("%v", err)
	}
	if f.Kind() != "acc" {
		return n.Errorf("%v is no accumulator; write acc:w32,wrap or acc:w32,sat with the width of the hardware", f)
	}
	if f.SumOrder() != number.NoOrder {
		return n.Errorf("the array gives the order of the additions; write %v", f.WithSumOrder(number.NoOrder))
	}
	if product := t.Operands.ProductBits(); f.Width() < product {
		return n.Errorf("%v is narrower than one product of %v and %v, which has %d bits; write acc:w%d,%v or wider",
			f, t.Operands.Activation, t.Operands.Weight, product, product, f.Overflow())
	}
	rule, err := requant.Get(t.Requantization)
	if err != nil {
		return err
	}
	if limit := rule.Info().AccumulatorBits; f.Width() > limit {
		return n.Errorf("%v is wider than %s takes, which is %d bits; write acc:w%d,%v or choose another requantization",
			f, t.Requantization, limit, limit, f.Overflow())
	}
	t.Accumulator = f
	return nil
}
