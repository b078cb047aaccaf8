package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// gradientChain is the beginning of a chain of a stage that computes the gradient of one weight: products, and their sum in
// the order of a chain of additions. Nothing else reads what it computes on the way.
type gradientChain struct {
	sum      *qops.GradientSum
	products []*qops.Call // in the order in which they are added
	out      *qops.Array
	end      int // of its steps; others of the chain follow, such as the gradient's quantize node
}

// findGradients finds the stages' gradient chains. Of what such a chain computes, only its sum may be read by others.
func (m *machine) findGradients(keep map[*gorgonia.Node]bool) {
	last := lastReaders(m.steps)
	for _, st := range m.stages {
		for i := range st.chains {
			c := &st.chains[i]
			g := findGradientChain(m.steps[c.from:c.to])
			if g == nil {
				continue
			}
			g.end += c.from
			inside := true
			for j := c.from; j < g.end-1 && inside; j++ {
				inside = last[m.steps[j].call.Out] < g.end && !keep[m.steps[j].node]
			}
			if inside {
				c.gradient = g
			}
		}
	}
}

// findGradientChain returns nil for any other chain. Its steps are in topological order.
func findGradientChain(steps []step) *gradientChain {
	products := map[*qops.Array]*step{}
	g := &gradientChain{}
	var dense []*qops.Dense
	add := func(of *step) {
		g.products = append(g.products, &of.call)
		dense = append(dense, of.op.(*qops.Dense))
	}
	for i := range steps {
		s := &steps[i]
		if op, ok := s.op.(*qops.Dense); ok && op.TransA {
			products[s.call.Out] = s
		} else if op, ok := s.op.(*qops.Binary); ok && op.Adds() {
			a, b := s.call.In[0], s.call.In[1]
			switch {
			case products[b] == nil:
				return nil
			case g.out == nil && products[a] != nil:
				add(products[a])
			case g.out == nil || g.out != a:
				return nil
			}
			add(products[b])
			g.out = s.call.Out
		} else {
			break
		}
		g.end = i + 1
	}
	if g.out == nil || len(g.products) != len(products) || steps[0].node.Dtype() != gorgonia.Float32 || steps[g.end-1].call.Out != g.out {
		return nil
	}
	var ok bool
	if g.sum, ok = qops.NewGradientSum(dense); !ok {
		return nil
	}
	return g
}
