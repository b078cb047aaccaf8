package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Every tensor has a name of its own: the name keys its random bits.
func TestCanonicalNamesAreUnique(t *testing.T) {
	for _, name := range []string{"resnet14", "lstm", "mlp"} {
		m := netModel(t, name, tensor.Float32, 2, 1)
		_, _, program := halftone(t, m, shipped(t, "swalp8"))
		seen := map[string]bool{}
		for _, e := range program.Explain() {
			require.False(t, seen[e.Name], "%s: %s", name, e.Name)
			seen[e.Name] = true
		}
	}
}
