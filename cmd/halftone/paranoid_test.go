package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A run that checks itself leaves the files of one that does not, and says what it compared.
func TestParanoid(t *testing.T) {
	plain, checked := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	options := []string{"--optimizer", "lp-sgd", "--policy", "swalp8", "--opt", "momentum=0.5"}
	_, stderr, status := run(t, trainArgs(plain, options...)...)
	require.Equal(t, exitOK, status, stderr)
	assert.NotContains(t, stderr, "paranoid")
	_, stderr, status = run(t, trainArgs(checked, append(options, "--paranoid")...)...)
	require.Equal(t, exitOK, status, stderr)
	// 6 steps and 2 evaluations of 2 batches
	assert.Contains(t, stderr, "paranoid: 10 passes equal the unplanned reference")
	want, err := os.ReadFile(filepath.Join(plain, "checkpoint.npz"))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(checked, "checkpoint.npz"))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	stdout, stderr, status := run(t, "eval", checked)
	require.Equal(t, exitOK, status, stderr)
	again, stderr, status := run(t, "eval", checked, "--paranoid")
	require.Equal(t, exitOK, status, stderr)
	assert.Equal(t, stdout, again)
	assert.Contains(t, stderr, "paranoid: 2 passes")
}

// Verbs that compare nothing refuse it.
func TestParanoidElsewhere(t *testing.T) {
	for _, args := range [][]string{{"format", "fixed:w8f4,rne,sat"}, {"bench", "train"}, {"version"}} {
		_, stderr, status := run(t, append(args, "--paranoid")...)
		assert.Equal(t, exitUsage, status)
		assert.Contains(t, stderr, "--paranoid is for the verbs that run graphs")
	}
}
