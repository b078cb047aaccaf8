package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExplain(t *testing.T) {
	stdout, stderr, status := run(t, "explain", "--model", "resnet14", "--policy", "swalp8", "--optimizer", "--json")
	require.Zero(t, status, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	byName := map[string]map[string]any{}
	for _, r := range rows {
		for _, key := range []string{"name", "role", "op", "shape", "format", "kernel", "certificate"} {
			require.Contains(t, r, key)
		}
		byName[r["name"].(string)] = r
	}
	forward := byName["stage2/block2/conv1.out"]
	require.Equal(t, "bfp:w8e8,block=sample,sr,sat", forward["format"])
	require.Contains(t, forward["certificate"], "exact in float32 in any order")
	require.Equal(t, "float32", byName["stem/batchnorm1.variance"]["format"])
	require.Equal(t, "gradient", byName["stem/conv1.grad-weight"]["role"])
	require.Equal(t, "momentum", byName["stem/conv.weight.momentum"]["role"])
}

func TestExplainDot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "graph.dot")
	_, stderr, status := run(t, "explain", "--model", "mlp", "--policy", "fixed8", "--dot", file)
	require.Zero(t, status, stderr)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "digraph")
	require.Contains(t, string(text), "fixed:w8")
}

// What is wrong with a call or a file is told with its place and a remedy, without a stack trace.
func TestExplainBadInput(t *testing.T) {
	policyFile := func(text string) string {
		name := filepath.Join(t.TempDir(), "p.yaml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	shown, _, status := run(t, "policy", "show", "float32")
	require.Zero(t, status)
	for name, c := range map[string]struct {
		args   []string
		status int
		want   []string
	}{
		"unknown model":  {[]string{"--model", "resnet15"}, exitUsage, []string{"resnet15", "resnet14"}},
		"unknown policy": {[]string{"--policy", "swalp9"}, exitFailed, []string{"swalp9", "swalp8"}},
		"unknown key":    {[]string{"--policy", policyFile(shown + "\ndefualt: {}\n")}, exitFailed, []string{"p.yaml", "defualt"}},
		"rule that matches nothing": {
			[]string{"--policy", policyFile(shown + "\nrules:\n  - {match: \"stgae1/**\", activation: float32}\n")},
			exitFailed,
			[]string{"stgae1", "stage1"},
		},
		"format cut short": {
			[]string{"--policy", policyFile(shown + "\nrules:\n  - {match: \"**\", activation: \"fixed:w8f4,rne\"}\n")},
			exitFailed,
			[]string{"p.yaml", "fixed:w8f4,rne"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, status := run(t, append([]string{"explain"}, c.args...)...)
			require.Equal(t, c.status, status, stderr)
			for _, w := range c.want {
				require.Contains(t, stderr, w)
			}
			require.NotContains(t, stderr, "goroutine")
			require.NotContains(t, stderr, ".go:")
		})
	}
}
