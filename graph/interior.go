package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// checkInteriors refuses sums whose interior cannot be simulated with the operands that they have, by the operands' names.
func (p *Program) checkInteriors() error {
	for _, n := range p.placed.nodes {
		info := p.placed.info[n]
		s, ok := n.Op().(qops.Summing)
		if info == nil || !ok || info.interior == nil {
			continue
		}
		in := operands(n)
		names := [2]string{p.nameOf(in[0]), p.nameOf(in[1])}
		if err := info.interior.Check(s, p.operand(in[0]), p.operand(in[1]), names, isWide(n)); err != nil {
			return errors.Wrapf(err, "graph: %s (%s)", info.point.Name, info.point.Use)
		}
	}
	return nil
}

// nameOf is the canonical name of the tensor at a placed node.
func (p *Program) nameOf(n *gorgonia.Node) string {
	if info := p.placed.info[n]; info != nil {
		return info.point.Name
	}
	return p.nameOf(operands(n)[0]) // a quantize node behind the tensor
}
