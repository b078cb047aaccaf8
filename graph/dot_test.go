package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/encoding"
	"gonum.org/v1/gonum/graph/encoding/dot"
	"gonum.org/v1/gonum/graph/simple"
	"gorgonia.org/tensor"

	gonum "gonum.org/v1/gonum/graph"
)

// drawn is a graph read from the DOT language, with the attributes of its nodes.
type drawn struct{ *simple.DirectedGraph }

type drawnNode struct {
	gonum.Node
	attributes map[string]string
}

func (d drawn) NewNode() gonum.Node {
	return &drawnNode{d.DirectedGraph.NewNode(), map[string]string{}}
}

func (n *drawnNode) SetAttribute(a encoding.Attribute) error {
	n.attributes[a.Key] = a.Value
	return nil
}

// The drawing is in the DOT language and has every node of the program, quantize nodes as boxes with their format.
func TestDotParses(t *testing.T) {
	_, _, program := halftone(t, smallCNN(tensor.Float32, 2), shipped(t, "swalp8"))
	d := drawn{simple.NewDirectedGraph()}
	require.NoError(t, dot.Unmarshal([]byte(program.Dot()), d))
	labels := map[string]int{}
	boxes := 0
	for it := d.Nodes(); it.Next(); {
		n := it.Node().(*drawnNode)
		labels[n.attributes["label"]]++
		if n.attributes["shape"] == "box" {
			boxes++
			require.Equal(t, 1, d.To(n.ID()).Len(), "a quantize node reads one tensor")
			require.Contains(t, n.attributes["label"], "bfp:w8e8")
		}
	}
	require.Equal(t, len(program.Counts()), boxes)
	require.Equal(t, len(program.Explain())+boxes, d.Nodes().Len())
	require.Equal(t, 1, labels["block/conv1.out"])
}
