package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// gradientChain is a chain of a stage that computes the gradient of one weight and nothing else: products, and their sum
// in the order of a chain of additions. Nothing outside of the chain reads what it computes on the way.
type gradientChain struct {
	sum      *qops.GradientSum
	products []*qops.Call // in the order in which they are added
	out      *qops.Array
}

// findGradients finds the stages' gradient chains. Of what such a chain computes, only its sum may be read by others.
func (m *machine) findGradients(keep map[*gorgonia.Node]bool) {
	last := lastReaders(m.steps)
	for _, st := range m.stages {
		for i := range st.chains {
			c := &st.chains[i]
			inside := true
			for j := c.from; j < c.to-1 && inside; j++ {
				inside = last[m.steps[j].call.Out] < c.to && !keep[m.steps[j].node]
			}
			if inside {
				c.gradient = findGradientChain(m.steps[c.from:c.to])
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
		switch op := s.op.(type) {
		case *qops.Dense:
			products[s.call.Out] = s
		case *qops.Binary:
			a, b := s.call.In[0], s.call.In[1]
			switch {
			case !op.Adds() || products[b] == nil:
				return nil
			case g.out == nil && products[a] != nil:
				add(products[a])
			case g.out == nil || g.out != a:
				return nil
			}
			add(products[b])
			g.out = s.call.Out
		default:
			return nil
		}
	}
	if g.out == nil || len(g.products) != len(products) || steps[0].node.Dtype() != gorgonia.Float32 {
		return nil
	}
	var ok bool
	if g.sum, ok = qops.NewGradientSum(dense); !ok {
		return nil
	}
	return g
}
