package hwgen_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// verify runs generated jobs and expects no mismatch.
func verify(t *testing.T, x *target.Target, language string, outputs int64, options hwgen.Options) {
	t.Helper()
	jobs, err := hwgen.Generated(x, outputs, 1)
	require.NoError(t, err)
	result, err := hwgen.Verify(t.Context(), x, language, jobs, options)
	require.NoError(t, err)
	assert.Zero(t, result.Mismatches, result.Explain())
	assert.GreaterOrEqual(t, result.Outputs, outputs)
	assert.NotZero(t, result.Cycles)
}

func TestMac8(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Chisel)
	mac8, err := target.Load("mac8")
	require.NoError(t, err)
	for _, language := range hwgen.Languages() {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			verify(t, mac8, language, 60_000, hwgen.Options{})
		})
	}
}

// TestTargets covers the other shapes: saturation, unsigned and narrow operands, one row or column, several registers
// behind an adder, dot units, and every rule, each in one language.
func TestTargets(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Chisel)
	for _, test := range []struct {
		name, language string
		lines          []string
	}{
		{"saturating", hwgen.Verilog, []string{"array", "{kind: weight-stationary, rows: 3, columns: 2}", "accumulator", `"acc:w17,sat"`, "requantization", "shift.rne"}},
		{"deep", hwgen.Verilog, []string{"operands", "{activation: uint8, weight: int4}", "scales", "per-tensor", "clamp", "false", "pipeline", "{multiply: 2, add: 3, requantize: 5}", "requantization", "tflite.double"}},
		{"single", hwgen.Verilog, []string{"operands", "{activation: int2, weight: int2}", "array", "{kind: weight-stationary, rows: 1, columns: 1}", "accumulator", `"acc:w6,sat"`, "requantization", "shift.rna", "pipeline", "{multiply: 0, add: 1, requantize: 0}"}},
		{"dot", hwgen.Chisel, []string{"array", "{kind: dot, lanes: 5}", "accumulator", `"acc:w17,sat"`, "requantization", "xnnpack.rndna", "pipeline", "{multiply: 0, add: 1, requantize: 2}"}},
		{"wide", hwgen.Verilog, []string{"array", "{kind: dot, lanes: 3}", "accumulator", `"acc:w48,wrap"`, "requantization", "shift.rnu", "scales", "per-tensor", "pipeline", "{multiply: 1, add: 0, requantize: 1}"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			verify(t, loadTarget(t, test.lines...), test.language, 20_000, hwgen.Options{Seed: 7})
		})
	}
}

// TestIcarus runs a small number of outputs in the second simulator, where a register that was never set would show.
func TestIcarus(t *testing.T) {
	cosimtest.Require(t, cosimtest.Icarus, cosimtest.Chisel)
	verify(t, loadTarget(t), hwgen.Verilog, 3_000, hwgen.Options{Simulator: "icarus"})
	verify(t, loadTarget(t), hwgen.Chisel, 500, hwgen.Options{Simulator: "icarus"})
}

func job() *hwgen.Job {
	return &hwgen.Job{
		Name: "by hand", Vectors: 2, Depth: 3, Channels: 1,
		Activations: []int32{1, 2, 3, -4, -5, -6}, Weights: []int32{10, 0, -1}, Bias: []int64{100},
		Multiplier: []requant.Multiplier{{M: 1 << 30, Shift: 0}}, // a half
		Zero:       1, Low: -128, High: 127,
	}
}

// TestByHand has codes that were computed without a program: (100+10-3)/2 = 53.5, up to 54, plus 1; (100-40+6)/2 = 33,
// plus 1.
func TestByHand(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	right, wrong := job(), job()
	right.Want = []int32{55, 34}
	wrong.Want = []int32{55, 35}
	result, err := hwgen.Verify(t.Context(), loadTarget(t), hwgen.Verilog, hwgen.Each(right, job(), wrong), hwgen.Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 6, result.Outputs)
	assert.EqualValues(t, 1, result.Mismatches)
	require.NotNil(t, result.First)
	assert.Equal(t, 1, result.First.Vector)
	assert.Contains(t, result.Explain(), "vector 1, channel 0: want 35, got 34")
	assert.Contains(t, result.Explain(), "total 66")
	assert.Contains(t, result.Explain(), "[-4 -5 -6]")
}

func TestRefusedJobs(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	for name, change := range map[string]func(*hwgen.Job){
		"activations":   func(j *hwgen.Job) { j.Activations = j.Activations[1:] },
		"activation 0":  func(j *hwgen.Job) { j.Activations[0] = 128 },
		"weight 1":      func(j *hwgen.Job) { j.Weights[1] = -129 },
		"bias 0":        func(j *hwgen.Job) { j.Bias[0] = 1 << 31 },
		"biases":        func(j *hwgen.Job) { j.Bias = nil },
		"clamp":         func(j *hwgen.Job) { j.High = 128 },
		"multiplier 0":  func(j *hwgen.Job) { j.Multiplier[0].Shift = 31 },
		"2 multipliers": func(j *hwgen.Job) { j.Multiplier = append(j.Multiplier, j.Multiplier...) },
		"no codes":      func(j *hwgen.Job) { j.Vectors = 0 },
		"wanted codes":  func(j *hwgen.Job) { j.Want = []int32{1} },
	} {
		bad := job()
		change(bad)
		_, err := hwgen.Verify(t.Context(), loadTarget(t), hwgen.Verilog, hwgen.Each(job(), bad), hwgen.Options{})
		assert.ErrorContains(t, err, name)
		assert.ErrorContains(t, err, "job by hand")
	}
	perTensor := loadTarget(t, "scales", "per-tensor")
	two := job()
	two.Channels, two.Weights, two.Bias = 2, make([]int32, 6), make([]int64, 2)
	two.Multiplier = []requant.Multiplier{{M: 1 << 30}, {M: 1 << 30, Shift: -1}}
	_, err := hwgen.Verify(t.Context(), perTensor, hwgen.Verilog, hwgen.Each(two), hwgen.Options{})
	assert.ErrorContains(t, err, "per-tensor")
}

func TestErrorsEndARun(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	x := loadTarget(t)
	failing := func(yield func(*hwgen.Job, error) bool) {
		if yield(job(), nil) {
			yield(nil, errors.New("the source is gone"))
		}
	}
	_, err := hwgen.Verify(t.Context(), x, hwgen.Verilog, failing, hwgen.Options{})
	assert.ErrorContains(t, err, "the source is gone")

	ctx, cancel := context.WithCancel(t.Context())
	endless := func(yield func(*hwgen.Job, error) bool) {
		for n := 0; yield(job(), nil); n++ {
			if n == 1000 {
				cancel()
			}
		}
	}
	_, err = hwgen.Verify(ctx, x, hwgen.Verilog, endless, hwgen.Options{})
	assert.ErrorIs(t, err, context.Canceled)

	sources, err := hwgen.Generate(x, hwgen.Verilog)
	require.NoError(t, err)
	sources["Registers.v"] = []byte("module Registers (; endmodule")
	_, err = hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.Each(job()), hwgen.Options{Sources: sources})
	assert.ErrorContains(t, err, "Registers.v")

	_, err = hwgen.Verify(t.Context(), x, "vhdl", hwgen.Each(job()), hwgen.Options{})
	assert.ErrorContains(t, err, "verilog chisel")
	_, err = hwgen.Verify(t.Context(), x, hwgen.Verilog, hwgen.Each(job()), hwgen.Options{Simulator: "spice"})
	assert.ErrorContains(t, err, "verilator icarus")
}

// TestMissingTool names the program and the package.
func TestMissingTool(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, test := range []struct{ simulator, language, want string }{
		{"verilator", hwgen.Verilog, "verilator is not installed; on Debian: apt-get install verilator"},
		{"icarus", hwgen.Verilog, "iverilog is not installed; on Debian: apt-get install iverilog"},
		{"verilator", hwgen.Chisel, "is not installed; on Debian: apt-get install"},
	} {
		_, err := hwgen.Verify(t.Context(), loadTarget(t), test.language, hwgen.Each(job()), hwgen.Options{Simulator: test.simulator})
		assert.ErrorContains(t, err, test.want)
	}
}

func TestProgress(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	var seen []int64
	verify(t, loadTarget(t), hwgen.Verilog, 40_000, hwgen.Options{Progress: func(n int64) { seen = append(seen, n) }})
	assert.GreaterOrEqual(t, len(seen), 2)
	assert.True(t, slices.IsSorted(seen), fmt.Sprint(seen))
}
