package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph/policy"
)

// Where no profile is under way, none is told of an execution and no clock is read.
func TestNoProfileCostsNothing(t *testing.T) {
	g := gorgonia.NewGraph()
	w := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName("w"), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float32{1, 2, 3}))))
	p, err := policy.Load("float32")
	require.NoError(t, err)
	program, err := Compile(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(w)))), gorgonia.Nodes{w}, p)
	require.NoError(t, err)
	idle := func() {
		t.Helper()
		assert.Empty(t, program.machine.watchers)
		assert.Nil(t, program.machine.profile)
		assert.True(t, program.machine.started().IsZero())
	}
	idle()
	first := program.Profile()
	second := program.Profile() // takes the place of the first
	require.NoError(t, program.Run(Pass{Backward: true}))
	assert.Zero(t, first.Runs())
	assert.Equal(t, 1, second.Runs())
	second.Stop()
	first.Stop()
	idle()
}
