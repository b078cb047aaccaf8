package policy

import (
	"strings"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// Binding is a policy whose rules were checked against the points of a graph.
type Binding struct {
	policy *Policy
	rules  []compiledRule
}

// Bind checks that every rule matches something among points, which list every tensor of a graph and every edge (every
// use of a tensor by an op). The tensors that an optimizer adds to a parameter (momentum, master, ...) need no point of
// their own: a rule for them holds where there is a parameter; nor do product and sum: a rule for them holds where
// there is an op.
//
// The error names every rule that matches nothing and is not optional, with the nearest names.
func (p *Policy) Bind(points []Point) (*Binding, error) {
	b, err := p.Unbound()
	if err != nil {
		return nil, err
	}
	var idle []string
	for i := range b.rules {
		if c := &b.rules[i]; !c.Optional && !c.reaches(points) {
			idle = append(idle, p.ruleAt(i)+": "+c.flow()+" matches nothing: "+c.whyIdle(points))
		}
	}
	if idle != nil {
		return nil, errors.New(strings.Join(idle, "\n"))
	}
	return b, nil
}

// Unbound returns the binding to no graph: it answers which format a tensor has, for who must know before all points are
// there, and nobody has checked that its rules match anything.
func (p *Policy) Unbound() (*Binding, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	b := &Binding{policy: p, rules: make([]compiledRule, len(p.Rules))}
	for i := range p.Rules {
		c, err := compileRule(&p.Rules[i])
		if err != nil {
			return nil, errors.Errorf("%s: %s: %v", p.ruleAt(i), p.Rules[i].flow(), err)
		}
		b.rules[i] = c
	}
	return b, nil
}

func (c *compiledRule) reaches(points []Point) bool {
	for _, pt := range points {
		if c.selects(pt) && c.setsSomething(pt) {
			return true
		}
	}
	return false
}

// Format returns the format of the tensor at pt: the default of its role, unless rules change it. Asked for a role that a
// tensor of the graph does not have itself (an optimizer's momentum under the name of a parameter, the sum inside an op
// under the name of its output), it heeds rules for that role, not a tensor's `format`.
func (b *Binding) Format(pt Point) number.Format {
	for i := len(b.rules) - 1; i >= 0; i-- {
		c := &b.rules[i]
		if c.edge || !c.selects(pt) {
			continue
		}
		if c.Format != nil && !insideOp[pt.Role] && !ofOptimizer[pt.Role] {
			return *c.Format
		}
		if f, ok := c.Formats[pt.Role]; ok {
			return f
		}
	}
	return b.policy.Default[pt.Role]
}

// Edge returns the format of a quantize node on the edge pt, and whether there is such a node.
func (b *Binding) Edge(pt Point) (number.Format, bool) {
	for i := len(b.rules) - 1; i >= 0; i-- {
		if c := &b.rules[i]; c.edge && c.selects(pt) {
			return *c.Format, true
		}
	}
	return number.Format{}, false
}

// Target returns the hardware target that computes the op at pt, a shipped target's name or a file, or "" if the op
// is computed here. Only ops of the forward pass have one.
func (b *Binding) Target(pt Point) string {
	if pt.Op == "" || pt.Use != "" && pt.Use != Forward {
		return ""
	}
	name := b.policy.Target
	for i := len(b.rules) - 1; i >= 0; i-- {
		if c := &b.rules[i]; c.Target != "" && c.selects(pt) {
			name = c.Target
			break
		}
	}
	if name == NoTarget {
		return ""
	}
	return name
}

// Policy returns the policy that was bound.
func (b *Binding) Policy() *Policy { return b.policy }
