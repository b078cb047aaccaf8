package chisel_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/hwgen/chisel"
	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/halftone-go/halftone/hwgen/circuit/circuittest"
	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/halftone-go/halftone/hwgen/cosim/cosimtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the emitter gives to testdata")

func TestGolden(t *testing.T) {
	files := chisel.Emit(circuittest.Every(), "A header.")
	assert.Equal(t, []string{"Elaborate.scala", "Every.scala", "Inner.scala", "pom.xml", "run"}, slices.Sorted(maps.Keys(files)))
	path := filepath.Join("testdata", "Every.scala")
	if *update {
		require.NoError(t, os.WriteFile(path, files["Every.scala"], 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(files["Every.scala"]))
	assert.Contains(t, string(files["Elaborate.scala"]), "new Every")
	for name, text := range files {
		assert.Contains(t, string(text), "A header.", name)
	}
}

// long has more registers under one enable and more instances than one method takes.
func long() *circuit.Module {
	leaf := circuit.NewModule("Leaf", "Passes a bit.")
	leaf.Output("out", leaf.Input("in", circuit.Bit, ""), "")
	m := circuit.NewModule("Long", "Has many parts.")
	value := m.Input("value", circuit.Bit, "")
	last := m.Pipe("stage", value, 300, value)
	for i := range 300 {
		last = m.Instance("leaf"+strings.Repeat("a", 1+i%7)+string(rune('a'+i/7%26))+string(rune('a'+i/182)), leaf,
			map[string]*circuit.Expr{"in": last}).Output("out")
	}
	m.Output("out", last, "")
	return m
}

func TestLongModulesAreCut(t *testing.T) {
	text := string(chisel.Emit(long(), "A header.")["Long.scala"])
	assert.Equal(t, 3, strings.Count(text, "private def connect"))
	assert.Equal(t, 3, strings.Count(text, "when(value)"))
}

// TestElaborates brings modules to Verilog with the script that is emitted, and reads that with Yosys, Icarus and
// Verilator.
func TestElaborates(t *testing.T) {
	cosimtest.Require(t, cosimtest.Chisel, cosimtest.Verilog, cosimtest.Icarus, cosimtest.Yosys)
	cache, err := cosim.NewCache()
	require.NoError(t, err)
	files, err := chisel.Elaborate(t.Context(), cache, chisel.Emit(circuittest.Every(), "A header."))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, cosim.WriteFiles(dir, files))
	name := slices.Collect(maps.Keys(files))[0]
	text := string(files[name])
	for _, register := range []string{"state;", "free;", "plain;"} {
		assert.Contains(t, text, register, "registers keep their names")
	}
	for _, call := range [][]string{
		{"verilator", "--lint-only", "-Wno-lint", "-Wno-style", "--top-module", "Every", name},
		{"iverilog", "-g2012", "-o", "out", "-s", "Every", name},
		{"yosys", "-q", "-p", "read_verilog -sv " + name + "; hierarchy -check -top Every; proc; check -assert"},
	} {
		_, err := cosim.Tool{Command: call[0]}.Output(t.Context(), dir, call[1:]...)
		assert.NoError(t, err, call[0])
	}
}

// TestElaborationErrors shows the compiler's message, and leaves nothing in the cache.
func TestElaborationErrors(t *testing.T) {
	cosimtest.Require(t, cosimtest.Chisel)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cache, err := cosim.NewCache()
	require.NoError(t, err)
	_, err = chisel.Elaborate(t.Context(), cache, map[string][]byte{"run": []byte("echo no such thing >&2; exit 3\n")})
	assert.ErrorContains(t, err, "no such thing")
	folder, err := os.UserCacheDir()
	require.NoError(t, err)
	entries, err := os.ReadDir(filepath.Join(folder, "halftone", "hwgen"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}
