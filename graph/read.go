package graph

import (
	"unsafe"

	"gorgonia.org/gorgonia"
)

// publishReads fills the variables that the model named with gorgonia.Read. The op keeps their address in a field
// that is not exported; it is a pointer to a gorgonia.Value.
func publishReads(reads gorgonia.Nodes) {
	for _, n := range reads {
		into := (*gorgonia.Value)(unsafe.Pointer(opField(n, "into").Pointer()))
		*into = operands(n)[0].Value()
	}
}

// readsOf are the nodes that gorgonia.Read has made.
func readsOf(g *gorgonia.ExprGraph) gorgonia.Nodes {
	var out gorgonia.Nodes
	for _, n := range g.AllNodes() {
		if primitive(n) == "readOp" {
			out = append(out, n)
		}
	}
	return out
}
