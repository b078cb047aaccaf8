package nodeindex

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

// Gorgonia finds the nodes that were expected, those that were not, and none that were never made.
func TestGraphsWithExpectedNodesAreWhole(t *testing.T) {
	require.True(t, known)
	for every := 1; every < 4; every++ {
		g := gorgonia.NewGraph()
		x := gorgonia.NewVector(g, gorgonia.Float32, gorgonia.WithShape(2), gorgonia.WithName("x"))
		last := x
		for i := range 20 {
			if i%every == 0 {
				Expect(g)
			}
			last = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Exp(last)), x))
		}
		require.Len(t, g.AllNodes(), 41)
		for i, n := range g.AllNodes() {
			require.EqualValues(t, i, n.ID())
			require.Same(t, n, g.Node(n.ID()), "every %d expected, node %d", every, i)
		}
		require.False(t, g.Has(41))
		require.True(t, g.HasEdgeFromTo(last.ID(), x.ID()))
	}
}

// A graph that lost a node has ids that are no places.
func TestGraphsThatLostANodeAreLeftAlone(t *testing.T) {
	g := gorgonia.NewGraph()
	for _, name := range []string{"a", "b", "c"} {
		gorgonia.NewScalar(g, gorgonia.Float32, gorgonia.WithName(name))
	}
	g.RemoveNode(g.AllNodes()[0])
	Expect(g)
	d := gorgonia.NewScalar(g, gorgonia.Float32, gorgonia.WithName("d"))
	require.Same(t, d, g.Node(d.ID()))
}
