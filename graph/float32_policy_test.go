package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Under the policy float32, in float64, the program computes what plain Gorgonia does.
func TestFloat32PolicyEqualsGorgoniaInFloat64(t *testing.T) {
	for name, build := range map[string]func() model{
		"cnn":  func() model { return smallCNN(tensor.Float64, 4) },
		"lstm": func() model { return smallLSTM(tensor.Float64, 4, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			wantLoss, wantGrads := plain(t, build())
			m := build()
			loss, grads, _ := halftone(t, m, shipped(t, "float32"))
			require.InEpsilon(t, wantLoss, loss, 1e-12)
			for i := range grads {
				require.Less(t, relativeError(grads[i], wantGrads[i]), 1e-12, m.parameters[i].Name())
			}
		})
	}
}
