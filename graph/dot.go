package graph

import (
	"fmt"
	"strings"
)

// Dot draws the placed graph in the DOT language, quantize nodes as boxes with their format.
func (p *Program) Dot() string {
	var b strings.Builder
	b.WriteString("digraph halftone {\n\trankdir=TB;\n")
	for _, n := range p.placed.nodes {
		label, shape := "", "ellipse"
		if info := p.placed.info[n]; info != nil {
			label = info.point.Name
		}
		if q := p.placed.quantize[n]; q != nil {
			label, shape = q.Format.String(), "box"
		}
		fmt.Fprintf(&b, "\tn%d [label=%q, shape=%s];\n", n.ID(), label, shape)
		for _, o := range operands(n) {
			fmt.Fprintf(&b, "\tn%d -> n%d;\n", o.ID(), n.ID())
		}
	}
	b.WriteString("}\n")
	return b.String()
}
