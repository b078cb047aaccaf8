package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const smallTarget = `halftone: target/1
operands: {activation: int8, weight: int8}
array: {kind: weight-stationary, rows: 2, columns: 2}
accumulator: "acc:w32,wrap"
requantization: tflite.single
scales: per-channel
clamp: true
pipeline: {multiply: 1, add: 1, requantize: 3}
`

func smallTargetFile(t *testing.T, old, replacement string) string {
	t.Helper()
	text := strings.Replace(smallTarget, old, replacement, 1)
	path := filepath.Join(t.TempDir(), "test.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestHwgen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rtl")
	stdout, stderr, status := run(t, "hwgen", "--target", "mac8", "--lang", "chisel", "--out", dir, "--json")
	require.Equal(t, exitOK, status, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	assert.Equal(t, "mac8", rows[0]["target"])
	assert.FileExists(t, filepath.Join(dir, "pom.xml"))
	_, stderr, status = run(t, "hwgen", "--lang", "verilog", "--out", dir)
	require.Equal(t, exitOK, status, stderr)
	assert.NoFileExists(t, filepath.Join(dir, "pom.xml"))
	assert.FileExists(t, filepath.Join(dir, "WeightStationaryDatapath.v"))
}

func TestHwgenMistakes(t *testing.T) {
	out := filepath.Join(t.TempDir(), "rtl")
	narrow := smallTargetFile(t, "acc:w32", "acc:w15")
	still := smallTargetFile(t, "add: 1", "add: 0")
	for _, test := range []struct {
		args   []string
		status int
		want   []string
	}{
		{[]string{"hwgen"}, exitUsage, []string{"--out"}},
		{[]string{"hwgen", "--out", out, "--lang", "vhdl"}, exitUsage, []string{"vhdl", "verilog or chisel"}},
		{[]string{"hwgen", "--out", out, "extra"}, exitUsage, []string{"no arguments"}},
		{[]string{"hwgen", "--out", out, "--target", "mac9"}, exitFailed, []string{"mac9", "mac8"}},
		{[]string{"hwgen", "--out", out, "--target", narrow}, exitFailed, []string{narrow + ":4:", "accumulator", "acc:w16"}},
		{[]string{"hwgen", "--out", out, "--target", still}, exitFailed, []string{"target test", "pipeline", "add: 1 or more"}},
		{[]string{"verify", "--lang", "vhdl"}, exitUsage, []string{"vhdl", "both"}},
		{[]string{"verify", "--simulator", "spice"}, exitUsage, []string{"spice", "verilator or icarus"}},
		{[]string{"verify", "--outputs", "0"}, exitUsage, []string{"--outputs"}},
		{[]string{"verify", "--net", "x"}, exitUsage, []string{"--input"}},
		{[]string{"verify", "--net", "x", "--input", "y", "--target", "mac8"}, exitUsage, []string{"--target"}},
		{[]string{"verify", "--net", out, "--input", "y"}, exitFailed, []string{"halftone deploy"}},
		{[]string{"verify", "--target", narrow}, exitFailed, []string{narrow, "accumulator"}},
	} {
		stdout, stderr, status := run(t, test.args...)
		assert.Equal(t, test.status, status, test.args)
		assert.Empty(t, stdout, test.args)
		for _, want := range test.want {
			assert.Contains(t, stderr, want, test.args)
		}
		assert.NotContains(t, stderr, ".go:", "no stack trace")
	}
	assert.NoDirExists(t, out)
}

func TestVerify(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog, cosimtest.Icarus, cosimtest.Chisel)
	small := smallTargetFile(t, "", "")
	for _, test := range []struct {
		args []string
		rows int
	}{
		{[]string{"--outputs", "5000"}, 2},
		{[]string{"--outputs", "100", "--lang", "verilog", "--simulator", "icarus"}, 1},
	} {
		stdout, stderr, status := run(t, append([]string{"verify", "--json", "--target", small}, test.args...)...)
		require.Equal(t, exitOK, status, stderr)
		var rows []struct {
			Unit, Language, Simulator string
			Outputs, Mismatches       *int
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
		assert.Len(t, rows, test.rows)
		for _, r := range rows {
			assert.Equal(t, "WeightStationaryDatapath", r.Unit)
			assert.Zero(t, *r.Mismatches)
			assert.GreaterOrEqual(t, *r.Outputs, 100)
		}
	}
}

// TestVerifyNetwork deploys a dense layer by hand and checks its products.
func TestVerifyNetwork(t *testing.T) {
	cosimtest.Require(t, cosimtest.Verilog)
	small, err := target.Load(smallTargetFile(t, "", ""))
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "net")
	program := &emulate.Program{Target: small, Input: []int{3}, Layers: []emulate.Layer{
		{Name: "input", Op: &emulate.Quantize{}, Output: emulate.NewOutput(small, 1.0/64, 0, false)},
		{Name: "fc", Op: &emulate.Dense{OutFeatures: 2, Weights: emulate.Weights{
			Codes: []int8{1, -2, 30, -40, 5, 127}, Scales: []float64{1, 0.5}, Bias: []int32{7, -8},
		}}, Inputs: []string{"input"}, Output: emulate.NewOutput(small, 0.75, 1, false)},
	}}
	require.NoError(t, program.Save(folder))
	save := func(name string, shape ...int) string {
		path := filepath.Join(t.TempDir(), name)
		file, err := os.Create(path)
		require.NoError(t, err)
		data := make([]float32, npy.Size(shape))
		for i := range data {
			data[i] = float32(i%7) - 3
		}
		require.NoError(t, npy.Write(file, &npy.Array{Shape: shape, Data: data}))
		require.NoError(t, file.Close())
		return path
	}
	stdout, stderr, status := run(t, "verify", "--lang", "verilog", "--net", folder, "--input", save("x.npy", 9, 3))
	require.Equal(t, exitOK, status, stderr)
	assert.Regexp(t, `verilog +verilator +[0-9]{4} +0 `, stdout, "corner cases of two multipliers, and 18 codes")
	_, stderr, status = run(t, "verify", "--net", folder, "--input", save("wrong.npy", 9, 4))
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "wrong.npy has shape [9 4]")
}
