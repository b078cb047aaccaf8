package train

import "github.com/halftone-go/halftone/graph"

// statistics is a copy of the running statistics of a program's batch norms.
type statistics [][2][]float64

// copyStatistics returns the current ones.
func copyStatistics(p *graph.Program) statistics {
	var list statistics
	for _, norm := range p.BatchNorms() {
		list = append(list, [2][]float64{
			append([]float64(nil), norm.Running.Mean...),
			append([]float64(nil), norm.Running.Variance...),
		})
	}
	return list
}

// restore makes them the current ones of p.
func (s statistics) restore(p *graph.Program) {
	for i, norm := range p.BatchNorms() {
		copy(norm.Running.Mean, s[i][0])
		copy(norm.Running.Variance, s[i][1])
	}
}
