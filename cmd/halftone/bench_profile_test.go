package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBenchProfile(t *testing.T) {
	small := []string{"bench", "train", "--profile", "--batch", "2", "--repetitions", "1", "--only", "*/every-op", "--width", "2"}
	out, stderr, status := run(t, append(small, "--json")...)
	require.Zero(t, status, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	ms, roles, convs := 0.0, map[any]bool{}, 0
	for _, r := range rows {
		assert.Equal(t, "resnet14/every-op", r["name"])
		for _, key := range []string{"threads", "batch", "width", "op", "use", "role", "calls", "elements", "share", "gop_per_second", "gb_per_second", "bound", "of_bound", "ns_per_element", "memory_gb_per_second"} {
			assert.Contains(t, r, key)
		}
		assert.InDelta(t, 2, r["width"], 0)
		ms += r["thread_ms"].(float64)
		roles[r["role"]] = true
		if r["op"] == "conv" {
			convs++
			assert.Positive(t, r["of_bound"])
		}
	}
	assert.InEpsilon(t, 2*rows[0]["step_ms"].(float64), ms, 0.02, "two threads")
	assert.GreaterOrEqual(t, convs, 3)
	for _, role := range []string{"weight", "bias", "activation", "error", "gradient", "momentum", "master"} {
		assert.True(t, roles[role], role)
	}

	picture := filepath.Join(t.TempDir(), "profile.svg")
	table, stderr, status := run(t, append(small, "--profile-plot", picture)...)
	require.Zero(t, status, stderr)
	assert.Contains(t, table, "Bounds on 2 threads")
	assert.Contains(t, table, "what rounding costs")
	assert.Contains(t, table, "conv backward-weight")

	drawn, err := os.ReadFile(picture)
	require.NoError(t, err)
	assert.Contains(t, string(drawn), "resnet14/every-op")
	_, stderr, status = run(t, append(small, "--profile-plot", "profile.pdf")...)
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, stderr, "--profile-plot draws .png and .svg")

	for _, flag := range []string{"--scaling", "--peers"} {
		_, stderr, status = run(t, append(small, flag)...)
		assert.Equal(t, exitUsage, status)
		assert.Contains(t, stderr, "--profile goes without")
	}
}
