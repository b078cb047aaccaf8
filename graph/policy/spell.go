package policy

import "github.com/halftone-go/halftone/qops/number"

// Spell returns a policy that gives every point the format it has under b, each by a rule of its own with the tensor's
// name: what `halftone policy new` writes for editing. A name with several roles (a parameter, with its momentum and
// master) makes one rule, an edge makes one where it has a quantize node.
func (b *Binding) Spell(points []Point) *Policy {
	p := *b.policy
	p.Rules = nil
	at := map[string]int{} // index of a name's rule
	for _, pt := range points {
		if pt.IsEdge() {
			if f, ok := b.Edge(pt); ok {
				p.Rules = append(p.Rules, Rule{Tensor: pt.Name, Format: &f})
			}
			continue
		}
		i, ok := at[pt.Name]
		if !ok {
			i = len(p.Rules)
			at[pt.Name] = i
			p.Rules = append(p.Rules, Rule{Tensor: pt.Name, Formats: map[Role]number.Format{}})
		}
		p.Rules[i].Formats[pt.Role] = b.Format(pt)
		if pt.Use == Forward {
			p.Rules[i].Target = b.ownTarget(pt)
		}
	}
	return &p
}

// ownTarget returns what a rule for the op at pt must say about its target: nothing where the policy's own holds.
func (b *Binding) ownTarget(pt Point) string {
	target := b.Target(pt)
	if target == "" {
		target = NoTarget
	}
	if target == b.policy.Target || target == NoTarget && b.policy.Target == "" {
		return ""
	}
	return target
}
