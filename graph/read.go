package graph

import (
	"unsafe"

	"gorgonia.org/gorgonia"
)

// publishReads fills the variables that the model named with gorgonia.Read. The op keeps their address in a field
// that is not exported; it is a pointer to a gorgonia.Value.
func publishReads(g *gorgonia.ExprGraph) {
	for _, n := range g.AllNodes() {
		if primitive(n) != "readOp" {
			continue
		}
		into := (*gorgonia.Value)(unsafe.Pointer(opField(n, "into").Pointer()))
		*into = operands(n)[0].Value()
	}
}

// readNodes are the nodes whose values the model reads with gorgonia.Read.
func readNodes(g *gorgonia.ExprGraph) gorgonia.Nodes {
	var out gorgonia.Nodes
	for _, n := range g.AllNodes() {
		if primitive(n) == "readOp" {
			out = append(out, operands(n)[0])
		}
	}
	return out
}
