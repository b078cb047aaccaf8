package policy

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// isEdge reports whether the rule is about single uses of tensors.
func (r *Rule) isEdge() bool { return r.Operand != "" || strings.Contains(r.Tensor, ">") }

// check returns an error if the parts of the rule do not go together.
func (r *Rule) check() error {
	if r.Match == "" && r.Op == "" && r.Use == "" && r.Operand == "" && r.Takes == "" && r.Tensor == "" {
		return errors.New(`a rule needs match, op, use, operand, takes or tensor; what holds everywhere belongs in default`)
	}
	if r.Format == nil && len(r.Formats) == 0 && r.Target == "" {
		return errors.New("a rule sets nothing; give a format by role (weight: ..., activation: ...), format or target")
	}
	if r.Format != nil && len(r.Formats) > 0 {
		return errors.New("a rule has both format and formats by role; write two rules")
	}
	if r.isEdge() {
		return r.checkEdge()
	}
	if r.Format != nil && r.Tensor == "" {
		return errors.New("format goes with tensor or operand; without them name the role (weight: ..., activation: ...)")
	}
	if r.Target != "" && r.Use != "" && r.Use != Forward {
		return errors.Errorf("a target computes the forward pass, not %s", r.Use)
	}
	return nil
}

func (r *Rule) checkEdge() error {
	if len(r.Formats) > 0 {
		return errors.New("a rule with an operand is about one use of a tensor; give format, not a role")
	}
	if r.Target != "" {
		return errors.New("a rule with an operand is about one use of a tensor and takes no target")
	}
	return nil
}

// compiledRule is a rule with its globs compiled.
type compiledRule struct {
	*Rule
	match glob
	// tensor is the glob before the ">", user the one behind it, which names the use of the tensor and holds everywhere
	// if there is none.
	tensor, user glob
	edge         bool
}

func compileRule(r *Rule) (compiledRule, error) {
	if err := r.check(); err != nil {
		return compiledRule{}, err
	}
	c := compiledRule{Rule: r, edge: r.isEdge()}
	var err error
	if c.match, err = compileGlob(r.Match); err != nil {
		return compiledRule{}, errors.Wrap(err, "match")
	}
	tensor, user, named := strings.Cut(r.Tensor, ">")
	if !named {
		user = "**"
	}
	if c.tensor, err = compileGlob(tensor); err != nil {
		return compiledRule{}, errors.Wrap(err, "tensor")
	}
	if c.user, err = compileGlob(user); err != nil {
		return compiledRule{}, errors.Wrap(err, "tensor")
	}
	return c, nil
}

// matchesName reports whether the tensor glob matches the canonical name, of an edge in its two parts: the tensor, and
// its use.
func (c *compiledRule) matchesName(name string) bool {
	tensor, user, _ := strings.Cut(name, ">")
	return c.tensor.match(tensor) && c.user.match(user)
}

// selector is one condition of a rule.
type selector struct {
	key, want string // as in the file; an empty want holds everywhere
	holds     func(Point) bool
	of        func(Point) string // what the condition looks at
}

// selectors returns the conditions of the rule, in the order in which a reader would look for a mistake.
func (c *compiledRule) selectors() [6]selector {
	layer := func(pt Point) string { return pt.Layer }
	op := func(pt Point) string { return pt.Op }
	use := func(pt Point) string { return pt.Use }
	operand := func(pt Point) string { return pt.Operand }
	takes := func(pt Point) string { return strings.Join(pt.Takes, ", ") }
	name := func(pt Point) string { return pt.Name }
	return [6]selector{
		{"match", c.Match, func(pt Point) bool { return c.match.match(pt.Layer) }, layer},
		{"op", c.Op, func(pt Point) bool { return pt.Op == c.Op }, op},
		{"use", c.Use, func(pt Point) bool { return pt.Use == c.Use }, use},
		{"operand", c.Operand, func(pt Point) bool { return pt.Operand == c.Operand }, operand},
		{"takes", c.Takes, func(pt Point) bool { return slices.Contains(pt.Takes, c.Takes) }, takes},
		{"tensor", c.Tensor, func(pt Point) bool { return c.matchesName(pt.Name) }, name},
	}
}

// selects reports whether all conditions of the rule hold at pt.
func (c *compiledRule) selects(pt Point) bool {
	return c.edge == pt.IsEdge() &&
		(c.Op == "" || c.Op == pt.Op) &&
		(c.Use == "" || c.Use == pt.Use) &&
		(c.Operand == "" || c.Operand == pt.Operand) &&
		(c.Takes == "" || slices.Contains(pt.Takes, c.Takes)) &&
		(c.Match == "" || c.match.match(pt.Layer)) &&
		(c.Tensor == "" || c.matchesName(pt.Name))
}

// setsSomething reports whether the rule, which selects pt, says something about it.
func (c *compiledRule) setsSomething(pt Point) bool {
	if c.Format != nil || c.Target != "" && pt.Op != "" {
		return true
	}
	for role := range c.Formats {
		parameter := ofParameter[role] && (pt.Role == Weight || pt.Role == Bias)
		if role == pt.Role || parameter || insideOp[role] && pt.Op != "" {
			return true
		}
	}
	return false
}
