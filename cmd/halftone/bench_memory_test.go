package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProgram, set in the environment, makes the test binary the command line itself, for tests of what starts it.
const asProgram = "HALFTONE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Each name's memory is that of a process of its own; the peer's likewise.
func TestBenchMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Log("the system does not tell the memory of a process; it is 0 then")
	}
	t.Setenv(asProgram, "1")
	python := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(python, []byte(`#!/bin/sh
echo '{"versions": {}, "peers": {"resnet14/float32": "torch"}}'
while read name; do if test "$name" = resident; then echo 1.5; else echo 20; fi; done
`), 0o700)) //nolint:gosec // a program must be executable
	small := []string{"bench", "train", "--memory", "--batch", "2", "--repetitions", "1", "--only", "*/[fi]*"}
	out, stderr, status := run(t, append(small, "--peers", "--python", python, "--json")...)
	require.Zero(t, status, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.Len(t, rows, 2)
	assert.InDelta(t, 1.5, rows[0]["peer_resident_mb"], 0)
	assert.Zero(t, rows[1]["peer_resident_mb"])
	assert.Equal(t, false, rows[0]["met"])
	if _, err := os.Stat("/proc/self/status"); err == nil {
		training, inference := rows[0]["resident_mb"].(float64), rows[1]["resident_mb"].(float64)
		assert.Greater(t, training, 10.0)
		assert.Less(t, inference, training)
	}
	table, stderr, status := run(t, small...)
	require.Zero(t, status, stderr)
	assert.Contains(t, table, "MB")
	assert.NotContains(t, table, "its MB")
}
