package hwgen_test

import (
	"bytes"
	"testing"

	"github.com/halftone-go/halftone/hwgen"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLostOutputsEndARun has a datapath that takes every beat and gives no code, and far more work than it may swallow.
func TestLostOutputsEndARun(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	x := loadTarget(t)
	sources, err := hwgen.Generate(x, hwgen.Verilog)
	require.NoError(t, err)
	const valid = "assign out_valid = valid_3"
	require.Contains(t, string(sources["Handshake.v"]), valid)
	sources["Handshake.v"] = bytes.Replace(sources["Handshake.v"], []byte(valid), []byte("assign out_valid = 1'b0"), 1)
	sources["Handshake.v"] = bytes.Replace(sources["Handshake.v"], []byte("~valid_3 | out_ready"), []byte("1'b1"), 1)
	endless := func(yield func(*hwgen.Job, error) bool) {
		j := job()
		j.Vectors, j.Depth = 1000, 1
		j.Activations, j.Weights = make([]int32, 1000), []int32{1}
		for yield(j, nil) {
		}
	}
	result, err := hwgen.Verify(t.Context(), x, hwgen.Verilog, endless, hwgen.Options{Sources: sources})
	require.NoError(t, err)
	assert.Equal(t, result.Outputs, result.Mismatches)
	assert.Contains(t, result.Explain(), "codes never came")
	assert.Contains(t, result.Explain(), "got nothing")
}

// TestMutations breaks the emitted text of each language in one place and sees verify fail.
func TestMutations(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Chisel)
	for _, m := range []struct {
		name, language, file, old, broken string
		lines                             []string // of the target
	}{
		{"rounding constant", hwgen.Verilog, "Requantizer.v", "(half ? 32'd1 : 32'd0)", "(half ? 32'd0 : 32'd0)", nil},
		{"sign extension", hwgen.Verilog, "ProcessingElement.v", "{{16{product[15]}}, product}", "{16'd0, product}", nil},
		{"handshake", hwgen.Verilog, "Handshake.v", "~valid_3 | out_ready", "~valid_3 | 1'b1", nil},

		{"rounding constant", hwgen.Chisel, "Requantizer.scala", "Mux(half, 1.S(32.W), 0.S(32.W))", "Mux(half, 0.S(32.W), 0.S(32.W))", nil},
		{"sign extension", hwgen.Chisel, "ProcessingElement.scala", "product.pad(32)", "product.asUInt.pad(32).asSInt", nil},
		{"handshake", hwgen.Chisel, "Handshake.scala", "!valid_3 || out_ready", "!valid_3 || true.B", nil},

		{"tie", hwgen.Verilog, "Requantizer.v", "half & (rest_held | floor[0])", "half", []string{"requantization", "shift.rne"}},
		{"second rounding", hwgen.Verilog, "Requantizer.v", "64'd1073741824", "64'd1073741823", []string{"requantization", "tflite.double"}},
		{"clamp bound", hwgen.Verilog, "Requantizer.v", "$signed(clamp_high_signed) < $signed(sum)", "$signed(clamp_high_signed) <= $signed(sum - 34'd1) && sum != 34'd128", nil},
		{"saturation", hwgen.Verilog, "ProcessingElement.v", "17'd65535", "17'd65534", []string{"accumulator", `"acc:w17,sat"`, "requantization", "shift.rne"}},
		{"doubled result", hwgen.Verilog, "WeightStationaryDatapath.v", "beats_result & moves", "beats_result", nil},
		{"ring moves without a beat", hwgen.Verilog, "WeightStationaryDatapath.v", "beat_valid | ~beats_open", "1'b1", nil},
		{"write during a computation", hwgen.Verilog, "WeightStationaryDatapath.v", "assign write_ready = ~(beats_busy | handshake_busy)", "assign write_ready = 1'b1", nil},
		{"stuck", hwgen.Verilog, "WeightStationaryDatapath.v", "assign beat_ready = room", "assign beat_ready = 1'b0", nil},
		{"endless output", hwgen.Verilog, "Handshake.v", "assign out_valid = valid_3", "assign out_valid = 1'b1", nil},
		{"offer withdrawn", hwgen.Verilog, "Handshake.v", "assign out_valid = valid_3", "assign out_valid = valid_3 & (out_ready | ~in_valid)", nil},
	} {
		t.Run(m.language+" "+m.name, func(t *testing.T) {
			t.Parallel()
			x := loadTarget(t, m.lines...)
			sources, err := hwgen.Generate(x, m.language)
			require.NoError(t, err)
			require.Equal(t, 1, bytes.Count(sources[m.file], []byte(m.old)), "%s has not one place to break:\n%s", m.file, sources[m.file])
			sources[m.file] = bytes.Replace(sources[m.file], []byte(m.old), []byte(m.broken), 1)
			jobs, err := hwgen.Generated(x, 20_000, 1)
			require.NoError(t, err)
			result, err := hwgen.Verify(t.Context(), x, m.language, jobs, hwgen.Options{Sources: sources})
			require.NoError(t, err)
			assert.NotZero(t, result.Mismatches, "verify did not see it")
			t.Log(result.Explain())
		})
	}
}
