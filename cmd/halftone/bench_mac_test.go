package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBenchMAC(t *testing.T) {
	out, _, status := run(t, "bench", "mac", "--batch", "2", "--repetitions", "1", "--only", "*/mac", "--json")
	require.Zero(t, status)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.Len(t, rows, 1)
	assert.Equal(t, "resnet14/mac", rows[0]["name"])
	assert.Contains(t, rows[0]["peer"], "MPTorch")
	for _, key := range []string{"threads", "batch", "median_ms", "per_second", "ratio"} {
		assert.Positive(t, rows[0][key], key)
	}
	table, _, status := run(t, "bench", "mac", "--batch", "2", "--repetitions", "1", "--only", "*/mac-[ew]*")
	require.Zero(t, status)
	assert.Contains(t, table, "resnet14/mac-wrap16")
	assert.NotContains(t, table, "MPTorch")
}
