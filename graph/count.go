package graph

import "github.com/halftone-go/halftone/qops/number"

// Count is how often a quantize node ran and what it met.
type Count struct {
	Name  string
	Runs  uint64
	Stats number.Stats
}

// Counts returns the counts of all quantize nodes since Compile.
func (p *Program) Counts() []Count {
	var out []Count
	for _, n := range p.placed.nodes {
		if q := p.placed.quantize[n]; q != nil {
			runs, stats := q.Counts()
			out = append(out, Count{Name: p.placed.info[n].point.Name, Runs: runs, Stats: stats})
		}
	}
	return out
}
