package train

import (
	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// clipping follows how many elements of a program's errors and gradients overflow clips.
type clipping struct {
	program *graph.Program
	follows map[string]bool
	// what was counted before the step
	clipped, count uint64
}

func newClipping(p *graph.Program) *clipping {
	c := &clipping{program: p, follows: map[string]bool{}}
	for _, e := range p.Explain() {
		if e.Role == policy.Error || e.Role == policy.Gradient {
			c.follows[e.Name] = true
		}
	}
	return c
}

// share is the share of elements that were clipped since the last call, 0 if nothing was rounded.
func (c *clipping) share() float64 {
	var clipped, count uint64
	for _, n := range c.program.Counts() {
		if c.follows[n.Name] {
			clipped += n.Stats.Clipped
			count += n.Stats.Count
		}
	}
	newClipped, newCount := clipped-c.clipped, count-c.count
	c.clipped, c.count = clipped, count
	if newCount == 0 {
		return 0
	}
	return float64(newClipped) / float64(newCount)
}
