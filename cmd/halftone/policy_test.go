package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolicyList(t *testing.T) {
	stdout, _, status := run(t, "policy", "list")
	assert.Equal(t, exitOK, status)
	for _, want := range []string{"swalp8", "halp8", "bfp:w8e8,block=sample,sr,sat", "int:w8,scale=run,sr,sat"} {
		assert.Contains(t, stdout, want)
	}
}

// What show prints is a policy again, the same one.
func TestPolicyShow(t *testing.T) {
	stdout, _, status := run(t, "policy", "show", "swalp8")
	require.Equal(t, exitOK, status)
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte(stdout), 0o600))

	stdout, _, status = run(t, "policy", "diff", "swalp8", file, "--json")
	assert.Equal(t, exitOK, status)
	assert.JSONEq(t, "[]", stdout)

	stdout, _, status = run(t, "policy", "show", "halp8", "--json")
	assert.Equal(t, exitOK, status)
	var rows []struct{ Role, Format string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	assert.Contains(t, rows, struct{ Role, Format string }{"offset", "int:w8,scale=run,sr,sat"})
}

func TestPolicyDiff(t *testing.T) {
	stdout, _, status := run(t, "policy", "diff", "float32", "halp8")
	assert.Equal(t, exitOK, status)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 2)
	assert.Equal(t, []string{"part", "float32", "halp8"}, strings.Fields(lines[0]))
	assert.Equal(t, []string{"default", "offset", "float32", "int:w8,scale=run,sr,sat"}, strings.Fields(lines[1]))
}

func TestPolicyCheck(t *testing.T) {
	text, _, _ := run(t, "policy", "show", "swalp8")
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	stdout, _, status := run(t, "policy", "check", file)
	assert.Equal(t, exitOK, status)
	assert.Contains(t, stdout, "well-formed")

	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(text, "clipped", "cliped", 1)), 0o600))
	stdout, stderr, status := run(t, "policy", "check", file)
	assert.Equal(t, exitFailed, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, `unknown key "cliped"; nearest: clipped`)
	assert.Contains(t, stderr, "mine.yaml:22:1: ")
}

func TestPolicyUsage(t *testing.T) {
	for _, args := range [][]string{{"policy", "lst"}, {"policy", "show"}, {"policy", "check", "a", "b"}, {"policy", "diff", "a"}, {"policy", "list", "--nosuch"}} {
		_, stderr, status := run(t, args...)
		assert.Equal(t, exitUsage, status, "%v", args)
		assert.NotContains(t, stderr, "goroutine", "%v", args)
	}
	_, stderr, status := run(t, "policy", "show", "swalp9")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "shipped are ")
}
