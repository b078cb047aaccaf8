package verilog_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/halftone-go/halftone/hwgen/circuit/circuittest"
	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/halftone-go/halftone/hwgen/unit"
	"github.com/halftone-go/halftone/hwgen/verilog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the emitter gives to testdata")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestGolden(t *testing.T) {
	files := verilog.Emit(circuittest.Every(), "A header.")
	assert.Equal(t, []string{"Every.v", "Inner.v"}, slices.Sorted(maps.Keys(files)))
	golden(t, "Every.v", files["Every.v"])
	golden(t, "Inner.v", files["Inner.v"])
}

// targets are datapaths of all kinds.
func targets(t *testing.T) map[string]*circuit.Module {
	t.Helper()
	const text = `halftone: target/1
operands: {activation: %s, weight: %s}
array: %s
accumulator: "%s"
requantization: %s
scales: %s
clamp: %v
pipeline: {multiply: %d, add: %d, requantize: %d}
`
	list := map[string]*circuit.Module{"every": circuittest.Every()}
	for name, values := range map[string][]any{
		"mac8":    {"int8", "int8", "{kind: weight-stationary, rows: 8, columns: 8}", "acc:w32,wrap", "tflite.single", "per-channel", true, 1, 1, 3},
		"ws":      {"uint8", "int4", "{kind: weight-stationary, rows: 3, columns: 2}", "acc:w18,sat", "tflite.double", "per-tensor", false, 0, 2, 1},
		"one":     {"int2", "int2", "{kind: weight-stationary, rows: 1, columns: 1}", "acc:w4,wrap", "shift.rna", "per-channel", true, 2, 1, 0},
		"dot":     {"int8", "int8", "{kind: dot, lanes: 5}", "acc:w17,sat", "shift.rne", "per-tensor", true, 1, 1, 5},
		"dot1":    {"uint4", "int4", "{kind: dot, lanes: 1}", "acc:w48,wrap", "shift.rnu", "per-channel", true, 0, 0, 2},
		"floor":   {"int8", "int8", "{kind: dot, lanes: 2}", "acc:w20,wrap", "shift.floor", "per-channel", false, 0, 1, 1},
		"xnnpack": {"int8", "int8", "{kind: dot, lanes: 2}", "acc:w32,wrap", "xnnpack.rndnu", "per-channel", true, 0, 1, 3},
		"rndna":   {"int8", "int8", "{kind: dot, lanes: 2}", "acc:w32,wrap", "xnnpack.rndna", "per-channel", true, 0, 1, 3},
	} {
		parsed, err := target.Parse(name, fmt.Appendf(nil, text, values...))
		require.NoError(t, err)
		p, err := unit.NewParameters(parsed)
		require.NoError(t, err)
		list[name] = p.Datapath()
	}
	return list
}

// TestToolsAccept lints with all of Verilator's warnings, and reads with Yosys and Icarus.
func TestToolsAccept(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Icarus, cosimtest.Yosys)
	for name, top := range targets(t) {
		dir := t.TempDir()
		files := verilog.Emit(top, "A header.")
		require.NoError(t, cosim.WriteFiles(dir, files))
		names := slices.Sorted(maps.Keys(files))
		for _, call := range [][]string{
			append([]string{"verilator", "--lint-only", "-Wall", "--top-module", top.Name}, names...),
			append([]string{"iverilog", "-Wall", "-g2001", "-o", "out", "-s", top.Name}, names...),
			{"yosys", "-q", "-e", ".", "-p", "read_verilog " + strings.Join(names, " ") + "; hierarchy -check -top " + top.Name + "; proc; check -assert"},
		} {
			out, err := cosim.Tool{Command: call[0]}.Output(t.Context(), dir, call[1:]...)
			assert.NoError(t, err, "%s: %s", name, call[0])
			assert.Empty(t, string(out), "%s: %s", name, call[0])
		}
	}
}
