package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuantizeFile(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{2, 4}, Data: []float32{0.1, -0.04, 7.97, -9, float32(math.NaN()), float32(math.Inf(1)), 0.01, 0}})
	out := filepath.Join(t.TempDir(), "out.npy")
	stdout, _, status := run(t, "quantize", "--format", "fixed:w8f4,rne,sat", in, out, "--json")
	require.Equal(t, exitOK, status)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Len(t, rows, 1)
	assert.InDelta(t, 10*math.Log10(144.5326/1.0022875), rows[0]["sqnr_db"], 1e-4, "without NaN and infinity")
	delete(rows[0], "sqnr_db")
	assert.Equal(t, []map[string]any{{
		"format": "fixed:w8f4,rne,sat", "elements": 8.0, "blocks": 1.0, "clipped": 3.0, "underflowed": 1.0, "nan": 1.0, "inf": 1.0,
	}}, rows)
	a, err := npy.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 4}, a.Shape)
	assert.Equal(t, []float32{0.125, -0.0625, 7.9375, -8, 0, 7.9375, 0, 0}, a.Data)
}

// The file holds what the package gives for the documented stream.
func TestQuantizeStream(t *testing.T) {
	x := []float64{0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3}
	in := saveArray(t, &npy.Array{Shape: []int{8}, Data: x})
	out := filepath.Join(t.TempDir(), "out.npy")
	_, _, status := run(t, "quantize", "--format", "fixed:w8f0,sr,sat", "--seed", "42", in, out)
	require.Equal(t, exitOK, status)
	want := make([]float64, len(x))
	_, err := number.Quantize(number.MustParse("fixed:w8f0,sr,sat"), want, x, []int{8}, number.Options{Draw: number.Draw{Stream: number.NewStream(42, "quantize")}})
	require.NoError(t, err)
	a, err := npy.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, want, a.Data)
}

func TestQuantizeCodes(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{2, 3}, Data: []float32{1, 2, -4, 0.5, -1, 0.25}})
	out := filepath.Join(t.TempDir(), "out.npz")
	_, _, status := run(t, "quantize", "--codes", "--channel-axis", "0", "--format", "int:w8,scale=max,block=channel,rne,sym", in, out)
	require.Equal(t, exitOK, status)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	arrays, err := npy.ParseArchive(data)
	require.NoError(t, err)
	assert.Equal(t, []int8{32, 64, -127, 64, -127, 32}, arrays["codes"].Data)
	assert.Equal(t, []int{2, 3}, arrays["codes"].Shape)
	assert.Equal(t, []float64{float64(float32(4.0 / 127)), float64(float32(1.0 / 127))}, arrays["step"].Data)
	assert.Equal(t, []int32{0, 0}, arrays["zero"].Data)
	assert.Equal(t, []int64{3}, arrays["inner"].Data)
	for format, want := range map[string]any{
		"fixed:u8f6,rne,sat":  []uint8{64, 128, 0, 32, 0, 16},
		"fixed:u9f6,rne,sat":  []uint16{64, 128, 0, 32, 0, 16},
		"fixed:u31f6,rne,sat": []uint32{64, 128, 0, 32, 0, 16},
		"fixed:w9f6,rne,sat":  []int16{64, 128, -256, 32, -64, 16},
		"fixed:w17f6,rne,sat": []int32{64, 128, -256, 32, -64, 16},
	} {
		_, stderr, status := run(t, "quantize", "--codes", "--format", format, in, out)
		require.Equal(t, exitOK, status, stderr)
		data, err := os.ReadFile(out)
		require.NoError(t, err)
		arrays, err := npy.ParseArchive(data)
		require.NoError(t, err)
		assert.Equal(t, want, arrays["codes"].Data, format)
	}
}

func TestQuantizeStandardStreams(t *testing.T) {
	var in, out, errOut bytes.Buffer
	require.NoError(t, npy.Write(&in, &npy.Array{Shape: []int{2}, Data: []float64{1.2, -3.7}}))
	root := newRootCommand()
	root.SetArgs([]string{"quantize", "--format", "fixed:w8f0,floor,sat", "-", "-"})
	root.SetIn(&in)
	root.SetOut(&out)
	root.SetErr(&errOut)
	require.NoError(t, root.ExecuteContext(t.Context()))
	a, err := npy.Parse(out.Bytes())
	require.NoError(t, err)
	assert.Equal(t, []float64{1, -4}, a.Data)
	assert.Contains(t, errOut.String(), "underflowed")
}

// Whatever is wrong, nothing is written.
func TestQuantizeRefuses(t *testing.T) {
	matrix := saveArray(t, &npy.Array{Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}})
	integers := saveArray(t, &npy.Array{Shape: []int{2}, Data: []int32{1, 2}})
	broken := filepath.Join(t.TempDir(), "broken.npy")
	whole, err := os.ReadFile(matrix)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(broken, whole[:len(whole)-1], 0o600))
	for _, c := range []struct {
		format, in string
		flags      []string
		status     int
		message    string
	}{
		{"", matrix, nil, exitUsage, "needs --format"},
		{"fixed:w8", matrix, nil, exitUsage, "the fraction is missing"},
		{"acc:w32,wrap", matrix, nil, exitUsage, "rule for sums"},
		{"float32", matrix, []string{"--codes"}, exitUsage, "no codes"},
		{"int:w8,scale=run,rne,sat", matrix, nil, exitUsage, "scale=max"},
		{"bfp:w8e8,block=channel,rne,sat", matrix, nil, exitUsage, "--channel-axis"},
		{"bfp:w8e8,block=channel,rne,sat", matrix, []string{"--channel-axis", "2"}, exitUsage, "axes 0 to 1"},
		{"fixed:w25f2,rne,sat", matrix, nil, exitFailed, "wider than the 24 bits"},
		{"fixed:w33f2,rne,sat", matrix, []string{"--codes"}, exitFailed, "do not fit 32 bits"},
		{"fixed:w8f4,rne,sat", integers, nil, exitFailed, "float32 and float64"},
		{"fixed:w8f4,rne,sat", broken, nil, exitFailed, "broken.npy: "},
		{"fixed:w8f4,rne,sat", filepath.Join(t.TempDir(), "absent.npy"), nil, exitFailed, "absent.npy"},
	} {
		folder := t.TempDir()
		_, stderr, status := run(t, append([]string{"quantize", "--format", c.format, c.in, filepath.Join(folder, "out.npy")}, c.flags...)...)
		assert.Equal(t, c.status, status, "%s: %s", c.format, stderr)
		assert.Contains(t, stderr, c.message)
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, entries)
	}
}
