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

// What new writes names every tensor with its format, is read back, and says the same as the policy that it is like.
func TestPolicyNew(t *testing.T) {
	like := filepath.Join(t.TempDir(), "like.yaml")
	text, _, status := run(t, "policy", "show", "swalp8")
	require.Equal(t, exitOK, status)
	text += `rules:
  - {match: "stage1/**", activation: "fixed:w8f4,sr,sat", momentum: "fixed:w16f12,sr,sat"}
  - {match: "**", op: conv, use: backward-weight, operand: error, format: "fixed:w8f12,sr,sat"}
`
	require.NoError(t, os.WriteFile(like, []byte(text), 0o600))
	for _, c := range []struct{ model, like string }{{"resnet14", "swalp8"}, {"resnet14", like}, {"lstm", "swalp8"}, {"mlp", "halp8"}} {
		model := []string{"--model", c.model, "--batch", "2", "--window", "3"}
		file := filepath.Join(t.TempDir(), "mine.yaml")
		stdout, stderr, status := run(t, append([]string{"policy", "new", "--like", c.like, "--out", file}, model...)...)
		require.Equal(t, exitOK, status, stderr)
		require.Empty(t, stdout)
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		printed, _, _ := run(t, append([]string{"policy", "new", "--like", c.like}, model...)...)
		require.Equal(t, string(written), printed)

		explain := append([]string{"explain", "--optimizer", "--json"}, model...)
		want, _, status := run(t, append(explain, "--policy", c.like)...)
		require.Equal(t, exitOK, status)
		got, stderr, status := run(t, append(explain, "--policy", file)...)
		require.Equal(t, exitOK, status, stderr)
		require.Equal(t, want, got)
		var tensors []struct{ Name, Op, Format string }
		require.NoError(t, json.Unmarshal([]byte(want), &tensors))
		unquoted := strings.ReplaceAll(string(written), `"`, "")
		for _, x := range tensors {
			if x.Format != "inherited" && x.Op != "optimizer" {
				require.Contains(t, unquoted, "{tensor: "+x.Name+", ")
			}
		}
		// Once more, from the file: the same rules.
		again, _, status := run(t, append([]string{"policy", "new", "--like", file}, model...)...)
		require.Equal(t, exitOK, status)
		require.Equal(t, rulesOf(printed), rulesOf(again))
	}
	rows, _, status := run(t, "policy", "new", "--model", "mlp", "--batch", "2", "--json")
	require.Equal(t, exitOK, status)
	var listed []struct{ Tensor, Role, Format string }
	require.NoError(t, json.Unmarshal([]byte(rows), &listed))
	require.Contains(t, listed, struct{ Tensor, Role, Format string }{"output/weight", "momentum", "bfp:w8e8,block=channel,sr,sat"})

	_, stderr, status := run(t, "policy", "new", "--model", "resnet15")
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "resnet14")
}

// rulesOf cuts the rules out of a policy.
func rulesOf(text string) string { return text[strings.Index(text, "rules:"):] }
