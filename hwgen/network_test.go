package hwgen_test

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// network has a convolution with padding and a dense layer, with random weights.
func network(t *testing.T, x *target.Target) (in *emulate.Interpreter, images []float32, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 5))
	weights := func(count, outputs int) emulate.Weights {
		w := emulate.Weights{Scales: []float64{0.5}}
		for range count {
			w.Codes = append(w.Codes, int8(random.IntN(256)-128))
		}
		for range outputs {
			w.Bias = append(w.Bias, int32(random.IntN(2000)-1000))
		}
		return w
	}
	const channels, size, kernels, classes = 2, 6, 5, 3
	program := &emulate.Program{Target: x, Input: []int{channels, size, size}}
	add := func(name string, op emulate.Op, scale float64, zero int32, relu bool, inputs ...string) {
		program.Layers = append(program.Layers, emulate.Layer{Name: name, Op: op, Inputs: inputs, Output: emulate.NewOutput(x, scale, zero, relu)})
	}
	window := emulate.Window{KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, DilationH: 1, DilationW: 1}
	add("input", &emulate.Quantize{}, 1.0/64, 5, false)
	add("conv", &emulate.Conv{OutChannels: kernels, Window: window, Weights: weights(kernels*channels*9, kernels)}, 4, -7, true, "input")
	add("flat", &emulate.Reshape{Shape: []int{kernels * size * size}}, 4, -7, true, "conv")
	add("fc", &emulate.Dense{OutFeatures: classes, Weights: weights(kernels*size*size*classes, classes)}, 512, 0, false, "flat")
	in, err := emulate.NewInterpreter(program)
	require.NoError(t, err)
	n = 7
	for range n * channels * size * size {
		images = append(images, float32(random.NormFloat64()))
	}
	return in, images, n
}

// TestFromNetwork runs what two layers do: the hardware gives the codes of the emulator.
func TestFromNetwork(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	for name, lines := range map[string][]string{
		"wrapping":   {"requantization", "shift.rne"},
		"saturating": {"requantization", "shift.rne", "accumulator", `"acc:w20,sat"`},
	} {
		t.Run(name, func(t *testing.T) {
			x := loadTarget(t, lines...)
			in, images, n := network(t, x)
			result, err := hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.FromNetwork(t.Context(), in, images, n, nil), hwgen.Options{})
			require.NoError(t, err)
			assert.Zero(t, result.Mismatches, result.Explain())
			assert.EqualValues(t, n*(5*36+3), result.Outputs)

			result, err = hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.FromNetwork(t.Context(), in, images, 2, []string{"fc"}), hwgen.Options{})
			require.Error(t, err, "two images were promised and seven given: %v", result)
			result, err = hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.FromNetwork(t.Context(), in, images, n, []string{"fc"}), hwgen.Options{})
			require.NoError(t, err)
			assert.EqualValues(t, n*3, result.Outputs)
			_, err = hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.FromNetwork(t.Context(), in, images, n, []string{"input"}), hwgen.Options{})
			assert.ErrorContains(t, err, "conv fc")
		})
	}
}

// TestReferenceIsTheEmulator compares the codes that Verify computes for itself with those of the emulator's interpreter.
func TestReferenceIsTheEmulator(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	x := loadTarget(t, "requantization", "shift.rne")
	in, images, n := network(t, x)
	withoutWant := func(yield func(*hwgen.Job, error) bool) {
		for j, err := range hwgen.FromNetwork(t.Context(), in, images, n, nil) {
			if j != nil {
				j.Want = nil
			}
			if !yield(j, err) {
				return
			}
		}
	}
	result, err := hwgen.Verify(t.Context(), x, hwgen.Verilog, withoutWant, hwgen.Options{})
	require.NoError(t, err)
	assert.Zero(t, result.Mismatches, result.Explain())
}

func TestNetworkRequantizations(t *testing.T) {
	in, _, _ := network(t, loadTarget(t, "requantization", "shift.rne"))
	list, err := hwgen.NetworkRequantizations(in, nil)
	require.NoError(t, err)
	assert.Equal(t, []hwgen.Requantization{
		{Multiplier: requant.Multiplier{Shift: -9}, Zero: -7, Low: -7, High: 127}, // (1/64 * 1/2) / 4
		{Multiplier: requant.Multiplier{Shift: -8}, Low: -128, High: 127},         // (4 * 1/2) / 512
	}, list)
	_, err = hwgen.NetworkRequantizations(in, []string{"flat"})
	assert.ErrorContains(t, err, "conv fc")
}
