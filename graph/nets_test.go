package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/nets"
)

// netModel builds a net with data in its inputs.
func netModel(t *testing.T, name string, dtype tensor.Dtype, batch int, seed uint64) model {
	t.Helper()
	net, err := nets.Build(name, nets.Options{Dtype: dtype, Batch: batch, Seed: seed, Steps: 6, Vocabulary: 11, Features: 12, Classes: 4, Hidden: []int{9}})
	require.NoError(t, err)
	for i, n := range net.Inputs {
		require.NoError(t, gorgonia.Let(n, values(dtype, int(seed)*100+i+1, 1, n.Shape()...)))
	}
	for _, n := range net.Targets {
		if n.Shape()[1] > 1 {
			require.NoError(t, gorgonia.Let(n, onehot(dtype, n.Shape()[0], n.Shape()[1])))
		}
	}
	return model{loss: net.Loss, output: net.Output, parameters: net.Parameters}
}

// The shipped nets give plain Gorgonia's loss and gradients to 1e-12 in float64 under the policy float32.
func TestNetsEqualGorgoniaInFloat64(t *testing.T) {
	for name, batch := range map[string]int{"resnet14": 2, "lstm": 3, "mlp": 5, "logistic": 5, "linear": 5} {
		t.Run(name, func(t *testing.T) {
			wantLoss, want := plain(t, netModel(t, name, tensor.Float64, batch, 1))
			m := netModel(t, name, tensor.Float64, batch, 1)
			loss, grads, _ := halftone(t, m, shipped(t, "float32"))
			require.InDelta(t, wantLoss, loss, 1e-12*max(1, wantLoss))
			for i := range grads {
				require.Less(t, relativeError(grads[i], want[i]), 1e-12, m.parameters[i].Name())
			}
		})
	}
}
