//go:build long

package hwgen_test

import (
	"testing"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/stretchr/testify/require"
)

// TestMillionOutputs is what 'halftone verify --target mac8' runs, and the same for a dot unit of every rule.
func TestMillionOutputs(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Chisel)
	mac8, err := target.Load("mac8")
	require.NoError(t, err)
	for _, language := range hwgen.Languages() {
		verify(t, mac8, language, 1_000_000, hwgen.Options{})
	}
}

func TestEveryRule(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Chisel)
	for _, rule := range []string{
		"tflite.single", "tflite.double", "xnnpack.rndnu", "xnnpack.rndna", "shift.rne", "shift.rna", "shift.rnu", "shift.floor",
	} {
		for _, language := range hwgen.Languages() {
			x := loadTarget(t, "requantization", rule, "array", "{kind: dot, lanes: 4}", "accumulator", `"acc:w32,sat"`)
			verify(t, x, language, 200_000, hwgen.Options{})
		}
	}
}
