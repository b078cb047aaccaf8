package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// The ops of package qops are ordinary Gorgonia ops: differentiated by gorgonia.Grad and run by Gorgonia's own tape
// machine, a model made of them gives what its program gives.
func TestOwnOpsOnGorgoniasTapeMachine(t *testing.T) {
	for seed := uint64(1); seed <= 25; seed++ {
		build := func() model {
			m, _ := randomModel(rand.New(rand.NewPCG(seed, 2)), tensor.Float64)
			return m
		}
		wantLoss, want := plain(t, build())
		m := build()
		loss, grads, _ := halftone(t, m, shipped(t, "float32"))
		require.InEpsilon(t, wantLoss, loss, 1e-12, "seed %d", seed)
		for i := range grads {
			require.Less(t, relativeError(grads[i], want[i]), 1e-11, "seed %d: %s", seed, m.parameters[i].Name())
		}
	}
}
