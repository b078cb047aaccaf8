package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The quick demo goes the whole way: it trains, deploys, emulates, generates both languages and co-simulates them with
// no mismatch, and leaves a report, a run, a network and the sources.
func TestQuickDemo(t *testing.T) {
	out := filepath.Join(t.TempDir(), "demo")
	stdout, stderr, status := run(t, "demo", "--quick", "--out", out, "--json")
	require.Zero(t, status, stderr)
	var rows []struct{ Name, Value, Unit, Status string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	values := map[string]string{}
	for _, r := range rows {
		values[r.Name] = r.Value
		require.NotEqual(t, "missed", r.Status, r.Name)
	}
	require.Equal(t, "0", values["codes, graph against emulator"])
	if os.Getenv("HALFTONE_WITHOUT_TOOLS") == "" {
		require.Equal(t, "0", values["verilog against emulator"])
		require.Equal(t, "0", values["chisel against emulator"])
	}
	for _, file := range []string{"report.html", "run/run.json", "run/metrics.csv", "net/policy.yaml", "net/program.json", "rtl-verilog", "rtl-chisel"} {
		require.FileExists(t, firstFile(t, filepath.Join(out, file)))
	}
	_, stderr, status = run(t, "demo", "--quick", "--out", out)
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "is there already")
}

// firstFile is the path itself, or a file in it if it is a folder.
func firstFile(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	if !info.IsDir() {
		return path
	}
	entries, err := os.ReadDir(path)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	return filepath.Join(path, entries[0].Name())
}
