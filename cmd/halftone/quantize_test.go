package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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

// Codes and bits of an .npz archive.
func archive(t *testing.T, name string) map[string]*npy.Array {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	arrays, err := npy.ParseArchive(data)
	require.NoError(t, err)
	return arrays
}

func TestQuantizePacked(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{2, 2}, Data: []float32{1, -2, 0.5, 6}})
	out := filepath.Join(t.TempDir(), "out.npz")
	_, stderr, status := run(t, "quantize", "--packed", "--format", "mx:e2m1,scale=floor,rne,sat", in, out)
	require.Equal(t, exitOK, status, stderr)
	arrays := archive(t, out)
	// Scales 2^(1-2) and 2^(2-2); codes of 2, -4 and of 0.5, 6.
	assert.Equal(t, []uint8{0xe4, 0x71, 126, 127}, arrays["data"].Data)
	assert.Equal(t, []int64{2, 2}, arrays["shape"].Data)
	assert.Equal(t, "mx:e2m1,scale=floor,rne,sat", string(arrays["format"].Data.([]uint8)))

	back := filepath.Join(t.TempDir(), "back.npy")
	_, stderr, status = run(t, "quantize", "--unpack", out, back)
	require.Equal(t, exitOK, status, stderr)
	a, err := npy.ReadFile(back)
	require.NoError(t, err)
	assert.Equal(t, &npy.Array{Shape: []int{2, 2}, Data: []float32{1, -2, 0.5, 6}}, a)
	_, stderr, status = run(t, "quantize", "--unpack", "--codes", out, back)
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, stderr, "takes the format from the archive")
	_, stderr, status = run(t, "quantize", "--unpack", in, "-")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "in.npy: no .npz archive")
}

func TestQuantizeTiles(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{3, 3}, Data: []float32{1, 2, 4, 1, 2, 4, 8, 8, 16}})
	out := filepath.Join(t.TempDir(), "out.npz")
	_, stderr, status := run(t, "quantize", "--codes", "--format", "bfp:w8e8,block=2x2,rne,sat", in, out)
	require.Equal(t, exitOK, status, stderr)
	arrays := archive(t, out)
	assert.Equal(t, []int64{3, 3, 1, 2, 2}, arrays["tiles"].Data)
	assert.Equal(t, []float64{0x1p-5, 0x1p-4, 0x1p-3, 0x1p-2}, arrays["step"].Data)
	assert.Nil(t, arrays["inner"])
}

// Elements without a header come and go as they are; standard input is read once, whatever the format.
func TestQuantizeRaw(t *testing.T) {
	for _, format := range []string{"fixed:w8f0,rne,sat", "bfp:w8e8,rne,sat"} {
		in := []byte{0, 0, 0x40, 0x3f, 0, 0, 0x20, 0xc0} // 0.75, -2.5
		var out, errOut bytes.Buffer
		root := newRootCommand()
		root.SetArgs([]string{"quantize", "--format", format, "--raw", "float32", "--shape", "1,2", "-", "-"})
		root.SetIn(bytes.NewBuffer(in))
		root.SetOut(&out)
		root.SetErr(&errOut)
		require.NoError(t, root.ExecuteContext(t.Context()))
		want := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0} // 1, -2
		if format != "fixed:w8f0,rne,sat" {
			want = in
			assert.Contains(t, errOut.String(), "kept in a temporary file")
		}
		assert.Equal(t, want, out.Bytes())
		assert.Contains(t, errOut.String(), "SQNR")
	}
}

// What is no number, or hardly one, through every kind of format: the results that the documentation has.
func TestQuantizeSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	negativeZero, denormal := float32(math.Copysign(0, -1)), float32(1e-42)
	x := []float32{nan, inf, -inf, negativeZero, 0, denormal, -denormal, 1}
	for _, c := range []struct {
		format string
		want   []float32
	}{
		{"fixed:w8f4,rne,sat", []float32{0, 7.9375, -8, 0, 0, 0, 0, 1}},
		{"fixed:w8f4,rne,wrap", []float32{0, 7.9375, -8, 0, 0, 0, 0, 1}},
		{"fixed:w8f4,rne,zero", []float32{0, 0, 0, 0, 0, 0, 0, 1}},
		{"fixed:w8f4,floor,sat", []float32{0, 7.9375, -8, 0, 0, 0, -0.0625, 1}},
		{"int:w8,scale=max,rne,sym", []float32{0, float32(127 * float64(float32(1.0/127))), -float32(127 * float64(float32(1.0/127))), 0, 0, 0, 0, 1}},
		{"bfp:w8e8,rne,sat", []float32{0, 1.984375, -2, 0, 0, 0, 0, 1}},
		{"float:e5m2ieee,rne,inf", []float32{nan, inf, -inf, negativeZero, 0, 0, negativeZero, 1}},
		{"float:e4m3fn,rne,sat", []float32{nan, 448, -448, negativeZero, 0, 0, negativeZero, 1}},
		{"float:e2m1fn,rne,sat", []float32{0, 6, -6, negativeZero, 0, 0, negativeZero, 1}},
		{"mx:e4m3,scale=floor,rne,sat", []float32{nan, 1.75, -1.75, negativeZero, 0, 0, negativeZero, 1}},
		{"float32", x},
	} {
		in, out := saveArray(t, &npy.Array{Shape: []int{8}, Data: x}), filepath.Join(t.TempDir(), "out.npy")
		stdout, stderr, status := run(t, "quantize", "--json", "--format", c.format, in, out)
		require.Equal(t, exitOK, status, stderr)
		a, err := npy.ReadFile(out)
		require.NoError(t, err)
		for i, got := range a.Data.([]float32) {
			same := math.Float32bits(got) == math.Float32bits(c.want[i])
			assert.True(t, same || got != got && c.want[i] != c.want[i], "%s: %v becomes %v, not %v", c.format, x[i], got, c.want[i])
		}
		var rows []map[string]any
		require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
		assert.InDelta(t, 1, rows[0]["nan"], 0, c.format)
		assert.InDelta(t, 2, rows[0]["inf"], 0, c.format)
	}
	for _, e := range number.List() {
		f := number.MustParse(e.Example)
		if f.IsSum() || f.ScaleRule() == number.ScaleRun {
			continue
		}
		for _, shape := range [][]int{{0, 2, 2, 2}, {}} {
			in := saveArray(t, &npy.Array{Shape: shape, Data: make([]float32, npy.Size(shape))})
			for _, flag := range []string{"--json", "--codes", "--packed"} {
				want := exitOK
				switch {
				case f.IsFloat32() && flag != "--json":
					want = exitUsage
				case flag == "--packed" && f.PackedSize(1, 1) < 0:
					want = exitFailed
				}
				_, stderr, status := run(t, "quantize", flag, "--channel-axis", "0", "--format", e.Example, in, "-")
				assert.Equal(t, want, status, "%s %v: %s", e.Example, shape, stderr)
			}
		}
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
		{"float32", matrix, []string{"--packed"}, exitUsage, "no codes"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--packed", "--codes"}, exitUsage, "not both"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--raw", "float32"}, exitUsage, "needs --shape"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--shape", "2,2"}, exitUsage, "needs --raw"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--shape", "2,2", "--raw", "half"}, exitUsage, "needs --raw"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--shape", "2,-2", "--raw", "float32"}, exitUsage, "whole numbers"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--shape", "2x2", "--raw", "float32"}, exitUsage, "whole numbers"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--shape", "2,2", "--raw", "float32"}, exitFailed, "144 bytes of data"},
		{"fixed:w8f4,rne,sat", matrix, []string{"--memory", "0"}, exitUsage, "at least 1 MiB"},
		{"mx:e4m3,scale=floor,axis=reduce,rne,sat", matrix, nil, exitUsage, "--reduce-axis"},
		{"mx:e4m3,scale=floor,axis=reduce,rne,sat", matrix, []string{"--reduce-axis", "2"}, exitUsage, "axes 0 to 1"},
		{"mx:e4m3,scale=floor,axis=3,rne,sat", matrix, nil, exitFailed, "axes 0 to 1"},
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
		stdout, _, status := run(t, append([]string{"quantize", "--format", c.format, c.in, "-"}, c.flags...)...)
		assert.Equal(t, c.status, status)
		assert.Empty(t, stdout)
	}
}

// A large array with a scale that needs all of it is refused before anything is read, and said to need memory if not.
func TestQuantizeMemory(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{300000}, Data: make([]float32, 300000)})
	out := filepath.Join(t.TempDir(), "out.npy")
	_, stderr, status := run(t, "quantize", "--memory", "1", "--format", "int:w8,scale=mse,rne,sat", in, out)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "needs 300000 elements in memory at a time, 6.9 MiB, and 1.0 MiB are allowed: raise --memory")
	assert.NoFileExists(t, out)
	_, stderr, status = run(t, "quantize", "--format", "int:w8,scale=mse,rne,sat", in, out)
	assert.Equal(t, exitOK, status)
	assert.Contains(t, stderr, "needs all 300000 elements in memory: 6.9 MiB")
}

// An interruption leaves nothing behind.
func TestQuantizeInterrupted(t *testing.T) {
	in := saveArray(t, &npy.Array{Shape: []int{2}, Data: []float32{1, 2}})
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := newRootCommand()
	root.SetArgs([]string{"quantize", "--format", "fixed:w8f4,rne,sat", in, filepath.Join(folder, "out.npy")})
	require.ErrorIs(t, root.ExecuteContext(ctx), context.Canceled)
	pipe, _ := io.Pipe() // nothing ever comes through
	for _, args := range [][]string{{"quantize", "--format", "fixed:w8f4,rne,sat", "-"}, {"quantize", "--unpack", "-"}} {
		root := newRootCommand()
		root.SetIn(pipe)
		root.SetArgs(append(args, filepath.Join(folder, "out.npy")))
		require.ErrorIs(t, root.ExecuteContext(ctx), context.Canceled)
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
