package graph

import (
	"fmt"
	"slices"

	"github.com/halftone-go/halftone/qops"
)

// copyRunning copies the running statistics of a program's batch norms.
func copyRunning(p *Program) []qops.Running {
	var out []qops.Running
	for _, n := range p.norms {
		r := *n.Running
		r.Mean, r.Variance = slices.Clone(r.Mean), slices.Clone(r.Variance)
		out = append(out, r)
	}
	return out
}

// restoreRunning makes a copy the program's running statistics.
func (p *Program) restoreRunning(from []qops.Running) {
	for i, n := range p.norms {
		n.Running.Momentum = from[i].Momentum
		copy(n.Running.Mean, from[i].Mean)
		copy(n.Running.Variance, from[i].Variance)
	}
}

// compareRunning compares the program's running statistics with what the reference left.
func (c *comparison) compareRunning(want []qops.Running, pass Pass) error {
	for i, n := range c.program.norms {
		if !slices.EqualFunc(n.Running.Mean, want[i].Mean, sameNumber) || !slices.EqualFunc(n.Running.Variance, want[i].Variance, sameNumber) {
			return c.fault(fmt.Sprintf("running statistics of %s: they are %x and should be %x", n.Name, *n.Running, want[i]), pass)
		}
	}
	return nil
}
