package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFormatDescribes(t *testing.T) {
	// describe returns the table with one space between its columns.
	describe := func(format string) string {
		stdout, stderr, status := run(t, "format", format)
		require.Equal(t, exitOK, status, stderr)
		return regexp.MustCompile(" {2,}").ReplaceAllString(stdout, ": ")
	}
	described := describe("fixed:w8f4,rne,sat")
	for _, want := range []string{"lowest value: -8\n", "highest value: 7.9375\n", "step: 0.0625 = 2^-4\n", "codes: 256\n", "bits per element: 8\n"} {
		assert.Contains(t, described, want)
	}
	described = describe("float:e4m3fn,rne,sat")
	for _, want := range []string{
		"highest value: 448\n", "step at 1: 0.125\n", "smallest positive value: 0.001953125\n",
		"smallest normal value: 0.015625\n", "NaN: code 0x7f\n", "infinity: becomes the end of the range\n",
		"gradient: straight through", "storage: 8 bits per value\n",
	} {
		assert.Contains(t, described, want)
	}
	assert.Contains(t, describe("mx:e2m1,scale=floor,rne,sat"), "4.25 bits per value: 4, and 8 for each block of 32\n")
	assert.NotContains(t, describe("exact"), "code: ")
}

func TestFormatJSON(t *testing.T) {
	stdout, _, status := run(t, "format", "bfp:w8e8,sat,sr,block=sample", "--json")
	require.Equal(t, exitOK, status)
	var objects []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &objects))
	require.Len(t, objects, 1)
	assert.Equal(t, "bfp:w8e8,block=sample,sr,sat", objects[0]["format"])
	assert.InDelta(t, 8, objects[0]["bits_per_block"], 0)
	assert.Equal(t, "1.984375 * 2^E", objects[0]["highest"])
}

// Every string of the list is a format that prints as it stands there.
func TestFormatList(t *testing.T) {
	stdout, _, status := run(t, "format", "--list", "--json")
	require.Equal(t, exitOK, status)
	var entries []struct{ Part, Name, Example string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &entries))
	names := map[string]bool{}
	for _, e := range entries {
		f, err := number.Parse(e.Example)
		require.NoError(t, err)
		assert.Equal(t, e.Example, f.String())
		names[e.Part+" "+e.Name] = true
	}
	for _, want := range []string{
		"kind bfp", "variant fnuz", "element e2m1", "rounding rnz", "rounding srN", "overflow wrap", "overflow inf",
		"block channel", "block 16x16", "scale mse", "scale ceil", "program +qpytorch",
	} {
		assert.True(t, names[want], want)
	}
}

// Every kind is described, as a table and as an object.
func TestFormatDescribesEveryKind(t *testing.T) {
	for _, e := range number.List() {
		stdout, stderr, status := run(t, "format", e.Example)
		require.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, e.Example)
		stdout, _, status = run(t, "format", e.Example, "--json")
		require.Equal(t, exitOK, status)
		var objects []map[string]any
		require.NoError(t, json.Unmarshal([]byte(stdout), &objects))
		require.Len(t, objects, 1)
		assert.Equal(t, e.Example, objects[0]["format"])
		assert.Len(t, objects[0], len(properties(number.Description{})))
	}
}

func TestFormatErrorsShowThePlace(t *testing.T) {
	for _, c := range []struct{ format, want string }{
		{"fixed:w8,rne,sat", "halftone: the fraction is missing: write f and a number\n" +
			"  fixed:w8,rne,sat\n" +
			"          ^\n" +
			"nearest format: fixed:w8f4,rne,sat\n"},
		{"bfp:w8e8,block=sample,sr", "  bfp:w8e8,block=sample,sr\n" +
			"                          ^\n" +
			"nearest format: bfp:w8e8,block=sample,sr,sat\n"},
		{"fixed:w8f4,rne,\x1b[2J", "  fixed:w8f4,rne,?[2J\n" +
			"                 ^\n"},
	} {
		stdout, stderr, status := run(t, "format", c.format)
		assert.Equal(t, exitUsage, status)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, c.want)
	}
	for _, args := range [][]string{{"format"}, {"format", "exact", "exact"}, {"format", "--list", "exact"}} {
		_, stderr, status := run(t, args...)
		assert.Equal(t, exitUsage, status)
		assert.Contains(t, stderr, "--list")
	}
}

func TestFormatPlot(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a.png", "b.SVG"} {
		_, stderr, status := run(t, "format", "float:e2m1fn,rne,sat", "--plot", filepath.Join(folder, name))
		require.Equal(t, exitOK, status, stderr)
		assert.FileExists(t, filepath.Join(folder, name))
	}
	for _, c := range []struct {
		format, name string
		status       int
		want         string
	}{
		{"float:e2m1fn,rne,sat", "c.pdf", exitUsage, ".png and .svg"},
		{"fixed:w17f2,rne,sat", "c.png", exitFailed, "at most 16 bits"},
		{"acc:w8,wrap", "c.png", exitFailed, "rule for sums"},
		{"levels:4,uniform,sr", "c.png", exitFailed, "elements of each block"},
		{"float:e2m1fn,rne,sat", "none/c.png", exitFailed, "none/c.png"},
		{"--list", "c.png", exitUsage, "--list"},
	} {
		stdout, stderr, status := run(t, "format", c.format, "--plot", filepath.Join(folder, c.name))
		assert.Equal(t, c.status, status)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, c.want)
		assert.NoFileExists(t, filepath.Join(folder, c.name))
	}
}
