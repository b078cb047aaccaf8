package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// benchSmall are flags under which a measurement is a matter of milliseconds.
func benchSmall(more ...string) []string {
	return append([]string{"bench", "kernels", "--elements", "4096", "--repetitions", "3", "--only", "fixed:w8f4,rne,sat"}, more...)
}

// fakePeer writes a program that is called as Python is and answers as the peer does.
func fakePeer(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(name, []byte(`#!/bin/sh
echo '{"versions": {"torch": "1.0", "qtorch": "0.1"}, "peers": {"fixed:w8f4,rne,sat": "fixed_point_quantize(8, 4)"}}'
while read name; do echo 1e6; done
`), 0o700)) //nolint:gosec // a program must be executable
	return name
}

func TestBenchKernels(t *testing.T) {
	stdout, stderr, status := run(t, benchSmall("--json", "--threads", "1", "--isa", "go")...)
	require.Equal(t, exitOK, status, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Len(t, rows, 2)
	assert.Equal(t, "copy", rows[0]["name"])
	assert.Equal(t, "fixed:w8f4,rne,sat", rows[1]["name"])
	assert.Equal(t, "go", rows[1]["isa"])
	assert.InDelta(t, 1, rows[1]["threads"], 0)
	assert.InDelta(t, 4096, rows[1]["elements"], 0)
	assert.Positive(t, rows[1]["ns_per_element"])
	assert.Positive(t, rows[1]["of_copy"])
	assert.InDelta(t, 40, rows[1]["asked_ratio"], 0)
	assert.Empty(t, rows[1]["peer"])
}

func TestBenchKernelsBesidePeers(t *testing.T) {
	stdout, stderr, status := run(t, benchSmall("--peers", "--python", fakePeer(t))...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stderr, "torch 1.0, qtorch 0.1")
	assert.Contains(t, stdout, "fixed_point_quantize(8, 4)  1000000.00")
	assert.Contains(t, stdout, "0.5 of a copy, 40x the peer")

	stdout, _, status = run(t, benchSmall("--peers", "--json", "--python", fakePeer(t))...)
	require.Equal(t, exitOK, status)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	assert.InEpsilon(t, 1e6/rows[1]["ns_per_element"].(float64), rows[1]["ratio"], 1e-9)
}

func TestBenchRefuses(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"bench", "everything"}, exitUsage, "everything"},
		{[]string{"bench", "kernels", "--elements", "1000"}, exitUsage, "multiple of 256"},
		{[]string{"bench", "kernels", "--repetitions", "0"}, exitUsage, "at least 1"},
		{[]string{"bench", "kernels", "--only", "nothing*"}, exitUsage, "matches"},
		{[]string{"bench", "kernels", "--isa", "sse2"}, exitUsage, "avx512, avx2, go"},
		{benchSmall("--peers", "--python", "/none/python"), exitFailed, "--python names it"},
	} {
		stdout, stderr, status := run(t, c.args...)
		assert.Equal(t, c.status, status, "%v", c.args)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, c.want)
	}
}

func TestBenchTrain(t *testing.T) {
	out, _, status := run(t, "bench", "train", "--batch", "2", "--repetitions", "1", "--only", "*/[fi]*", "--scaling", "--json")
	require.Zero(t, status)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.Len(t, rows, 2)
	assert.Equal(t, "resnet14/float32", rows[0]["name"])
	for _, key := range []string{"threads", "batch", "median_ms", "per_second", "peer", "ratio", "width"} {
		assert.Contains(t, rows[0], key)
	}
	assert.Positive(t, rows[0]["scaling"])
	assert.Positive(t, rows[0]["alloc_kb"])
	assert.InDelta(t, 1.8, rows[0]["asked_scaling"], 0)
	assert.Zero(t, rows[1]["asked_scaling"], "of training")
	table, _, status := run(t, "bench", "lstm", "--batch", "2", "--repetitions", "1", "--only", "*/float32")
	require.Zero(t, status)
	assert.Contains(t, table, "characters/s")
	_, message, status := run(t, "bench", "train", "--isa", "sse")
	assert.Equal(t, 2, status)
	assert.Contains(t, message, "avx512")
}
