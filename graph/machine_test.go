package graph_test

import (
	"testing"

	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// Every plan gives the bits of the reference: each node by itself, on one thread.
func TestPlansEqualReference(t *testing.T) {
	for name, build := range map[string]func() model{
		"cnn":  func() model { return smallCNN(tensor.Float32, 4) },
		"lstm": func() model { return smallLSTM(tensor.Float32, 4, 3) },
	} {
		for _, policyName := range []string{"float32", "swalp8", "fixed8"} {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				wantLoss, want, _ := halftone(t, build(), shipped(t, policyName), graph.Reference())
				for _, threads := range []int{1, 2, 3, 7} {
					loss, grads, _ := halftone(t, build(), shipped(t, policyName), graph.WithThreads(threads))
					requireSameBits(t, wantLoss, loss)
					requireSameBits(t, want, grads)
				}
			})
		}
	}
}
