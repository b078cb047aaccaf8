//go:build long

package graph_test

import (
	"testing"

	"gorgonia.org/tensor"
)

// A thousand steps in time, of one sample.
func TestAThousandStepsInTime(t *testing.T) {
	requireReference(t, stackedLSTM(tensor.Float32, 1, 1000, 1, 2), 1000, 2)
}
