package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers/linear"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeArray writes a .npy file into folder and returns its name.
func writeArray(t *testing.T, folder, name string, shape []int, data any) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, npy.Write(&b, &npy.Array{Shape: shape, Data: data}))
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// regression writes a small regression problem.
func regression(t *testing.T, folder string) (x, y string) {
	t.Helper()
	d, err := linear.Synthetic{Rows: 40, Columns: 3, Condition: 2, Noise: 0.1, Seed: 1}.Regression()
	require.NoError(t, err)
	return writeArray(t, folder, "X.npy", []int{40, 3}, d.X), writeArray(t, folder, "y.npy", []int{40}, d.Y)
}

func TestFitFromFiles(t *testing.T) {
	folder := t.TempDir()
	x, y := regression(t, folder)
	trace, out := filepath.Join(folder, "trace.csv"), filepath.Join(folder, "w.npy")
	stdout, stderr, status := run(t, "fit", "--optimizer", "halp", "--opt", "mu=0.5", "--opt", "T=2epochs", "--lr", "0.05", "--epochs", "100",
		"--trace", trace, "--out", out, "--intercept", "--json", x, y)
	require.Zero(t, status, stderr)
	assert.Empty(t, stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Len(t, rows, 1)
	norm := rows[0]["gradient_norm"].(float64)
	delete(rows[0], "gradient_norm")
	delete(rows[0], "loss")
	assert.Equal(t, map[string]any{
		"optimizer": "halp", "model": "squares", "rows": 40.0, "columns": 4.0, "epochs": 100.0, "steps": 4000.0, "evaluations": 2*4000.0 + 50*40,
	}, rows[0])
	assert.Less(t, norm, 1e-10)

	file, err := os.Open(trace)
	require.NoError(t, err)
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"epoch", "loss", "gradient_norm"}, records[0])
	assert.Len(t, records, 102)
	assert.Equal(t, "100", records[101][0])
	assert.Equal(t, strconv.FormatFloat(norm, 'g', -1, 64), records[101][2])
	weights, err := npy.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, []int{4}, weights.Shape)
}

func TestFitSynthetic(t *testing.T) {
	for _, loss := range linear.LossNames() {
		first, stderr, status := run(t, "fit", "--synthetic", "60x3", "--loss", loss, "--optimizer", "svrg", "--standardize", "--json")
		require.Zero(t, status, stderr)
		second, _, _ := run(t, "fit", "--synthetic", "60x3", "--loss", loss, "--optimizer", "svrg", "--standardize", "--json")
		assert.Equal(t, first, second)
	}
	table, _, status := run(t, "fit", "--synthetic", "60x3", "--optimizer", "lp-sgd", "--weight", "fixed:w8f6,sr,sat")
	assert.Zero(t, status)
	assert.Contains(t, table, "gradient norm")
}

func TestFitHelpListsOptions(t *testing.T) {
	stdout, _, status := run(t, "fit", "--help")
	assert.Zero(t, status)
	assert.Contains(t, stdout, "swa-start")
	assert.Contains(t, stdout, "scale      norm of g~ taken over one parameter or all: tensor, global (tensor)")
}

func TestFitBadUsage(t *testing.T) {
	folder := t.TempDir()
	x, y := regression(t, folder)
	broken := filepath.Join(folder, "broken.npy")
	require.NoError(t, os.WriteFile(broken, []byte("\x93NUMPY\x01\x00"), 0o600))
	infinite := writeArray(t, folder, "infinite.npy", []int{40}, append(make([]float64, 39), math.Inf(1)))
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{exitUsage, `unknown loss "hinge"`, []string{"--loss", "hinge", x, y}},
		{exitUsage, `unknown optimizer "adam"; there are: sgd`, []string{"--optimizer", "adam", x, y}},
		{exitUsage, `halp has no option "nu"; it has: lr,`, []string{"--opt", "nu=1", x, y}},
		{exitUsage, "option lr of halp is given twice", []string{"--opt", "lr=1", "--lr", "1", x, y}},
		{exitUsage, "halp keeps its weights in float64; --weight is for lp-sgd, lp-svrg, swalp", []string{"--weight", "fixed:w8f4,sr,sat", x, y}},
		{exitUsage, "sgd has no offset; --offset is for halp", []string{"--optimizer", "sgd", "--offset", "float32", x, y}},
		{exitUsage, "lp-sgd keeps its weights on a grid: give its format", []string{"--optimizer", "lp-sgd", x, y}},
		{exitUsage, "--weight: ", []string{"--optimizer", "lp-sgd", "--weight", "fixed:w8", x, y}},
		{exitUsage, "--offset: ", []string{"--offset", "int:w8", x, y}},
		{exitUsage, "want at least 1", []string{"--epochs", "0", x, y}},
		{exitUsage, "fit takes two files", []string{x}},
		{exitUsage, "--synthetic makes data of its own", []string{"--synthetic", "4x2", x}},
		{exitUsage, `--synthetic is "4", want ROWSxCOLUMNS`, []string{"--synthetic", "4"}},
		{exitUsage, "no more columns than rows", []string{"--synthetic", "4x5"}},
		{exitFailed, "no such file", []string{x, y + "x"}},
		{exitFailed, "broken.npy", []string{broken, y}},
		{exitFailed, "want a matrix", []string{y, y}},
		{exitFailed, "label of row 39 is +Inf", []string{x, infinite}},
		{exitFailed, "the labels of two classes are", []string{"--loss", "svm", x, y}},
		{exitFailed, "a batch of 41 rows", []string{"--batch", "41", x, y}},
		{exitFailed, "lower the learning rate", []string{"--optimizer", "sgd", "--lr", "1e9", "--epochs", "100", x, y}},
	} {
		trace := filepath.Join(folder, "trace.csv")
		stdout, stderr, status := run(t, append([]string{"fit", "--trace", trace}, c.args...)...)
		assert.Equal(t, c.status, status, c.want)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, c.want)
		assert.NoFileExists(t, trace)
	}
}
