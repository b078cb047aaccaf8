package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/nets/datasets"
)

// trainArgs is a short run.
func trainArgs(out string, more ...string) []string {
	return append([]string{
		"train", "--model", "logistic", "--data", "synthetic", "--limit-train", "96", "--limit-test", "40",
		"--batch", "32", "--steps", "6", "--out", out,
	}, more...)
}

func TestTrainAndEval(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	stdout, stderr, status := run(t, trainArgs(dir, "--optimizer", "halp", "--opt", "mu=2", "--opt", "T=3", "--policy", "halp8", "--lr", "0.01", "--json")...)
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stderr, "warning: synthetic: computed pictures")
	assert.Regexp(t, `(?m)^needs about [0-9.]+ MB of memory \(graph `, stderr)
	assert.Contains(t, stderr, "step 6  epoch 2.00")
	var trained []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &trained))
	require.Len(t, trained, 1)
	assert.Equal(t, 6., trained[0]["step"])
	for _, key := range []string{"epoch", "train_loss", "val_loss", "val_accuracy", "seconds", "samples_per_second", "out"} {
		assert.Contains(t, trained[0], key)
	}
	metrics, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(metrics)), "\n")
	assert.Equal(t, "step,epoch,train_loss,val_loss,val_accuracy,seconds", lines[0])
	assert.Len(t, lines, 3, "an evaluation per epoch")
	record, err := os.ReadFile(filepath.Join(dir, "run.json"))
	require.NoError(t, err)
	assert.Contains(t, string(record), `"lr": "0.01"`)

	stdout, stderr, status = run(t, "eval", dir, "--json")
	require.Equal(t, exitOK, status, stderr)
	var evaluated []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &evaluated))
	assert.Equal(t, trained[0]["val_loss"], evaluated[0]["val_loss"])
	assert.Equal(t, trained[0]["val_accuracy"], evaluated[0]["val_accuracy"])
	assert.Equal(t, 40., evaluated[0]["samples"])
	assert.Equal(t, "logistic", evaluated[0]["model"])

	stdout, stderr, status = run(t, "eval", dir, "--rounding", "rne", "--limit-test", "8")
	require.Equal(t, exitOK, status, stderr)
	assert.Contains(t, stdout, "val accuracy")
	_, stderr, status = run(t, "eval", dir, "--rounding", "up")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, stderr, "--rounding")
}

// --resume needs only the folder, takes more steps, and refuses flags that make another run.
func TestTrainResume(t *testing.T) {
	whole, parts := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	options := []string{"--optimizer", "lp-sgd", "--policy", "swalp8", "--opt", "momentum=0.5"}
	_, stderr, status := run(t, trainArgs(whole, options...)...)
	require.Equal(t, exitOK, status, stderr)
	_, stderr, status = run(t, trainArgs(parts, append(options, "--steps", "3")...)...)
	require.Equal(t, exitOK, status, stderr)
	_, stderr, status = run(t, trainArgs(parts, options...)...)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "take it up with --resume")
	for want, flags := range map[string][]string{
		"seed is 2 and was 1":                 {"--seed", "2"},
		"option momentum is 0.25 and was 0.5": {"--opt", "momentum=0.25"},
		"option lr is 0.2 and was 0.1":        {"--lr", "0.2"},
		"the policy is another one":           {"--policy", "fixed8"},
	} {
		_, stderr, status := run(t, append([]string{"train", "--resume", "--out", parts}, flags...)...)
		assert.Equal(t, exitFailed, status)
		assert.Contains(t, stderr, want)
	}
	_, stderr, status = run(t, "train", "--resume", "--out", parts, "--steps", "6", "--threads", "3", "--policy", "swalp8", "--opt", "momentum=0.5")
	require.Equal(t, exitOK, status, stderr)
	want, err := os.ReadFile(filepath.Join(whole, "checkpoint.npz"))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(parts, "checkpoint.npz"))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestTrainUsage(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a")
	for want, args := range map[string][]string{
		"--out is missing":                   {"train", "--model", "logistic", "--data", "synthetic"},
		"no model is named":                  {"train", "--data", "synthetic", "--out", out},
		"no data set is named":               {"train", "--model", "logistic", "--out", out},
		`unknown model "resnet"`:             trainArgs(out, "--model", "resnet"),
		`unknown data set "cifar"`:           trainArgs(out, "--data", "cifar"),
		`unknown optimizer "adam"`:           trainArgs(out, "--optimizer", "adam"),
		`sgd has no option "mu"`:             trainArgs(out, "--opt", "mu=1"),
		"option lr of sgd is given twice":    trainArgs(out, "--opt", "lr=1", "--lr", "1"),
		`unknown schedule "slow"`:            trainArgs(out, "--schedule", "slow"),
		`error scale "-1"`:                   trainArgs(out, "--error-scale", "-1"),
		"the batch size is -1":               trainArgs(out, "--batch", "-1"),
		"the number of threads is -1":        trainArgs(out, "--threads", "-1"),
		"the number of steps is -2":          trainArgs(out, "--steps", "-2"),
		"the limit of training samples is ":  trainArgs(out, "--limit-train", "-3"),
		"train takes no arguments":           trainArgs(out, "more"),
		"unknown flag: --epochs":             trainArgs(out, "--epochs", "3"),
		"eval takes the folder of a run":     {"eval"},
		"--threads and --limit-test must no": {"eval", out, "--threads", "-1"},
	} {
		stdout, stderr, status := run(t, args...)
		assert.Equal(t, exitUsage, status, want)
		assert.Contains(t, stderr, want)
		assert.NotContains(t, stderr, "goroutine")
		assert.Empty(t, stdout)
	}
	assert.NoDirExists(t, out)
}

func TestTrainFailures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(datasets.DirVariable, dir)
	out := filepath.Join(dir, "a")
	policyFile := filepath.Join(dir, "mine.yaml")
	text, _, _ := run(t, "policy", "show", "halp8")
	require.NoError(t, os.WriteFile(policyFile, []byte(text+"rules:\n  - {match: \"stem/**\", weight: float32}\n"), 0o600))
	for want, args := range map[string][]string{
		"halftone data get cifar10":                        trainArgs(out, "--data", "cifar10"),
		"--data synthetic":                                 trainArgs(out, "--data", "cifar10"),
		"the data folder is " + dir:                        trainArgs(out, "--data", "cifar10"),
		`policy "nosuch" is neither a file nor shipped`:    trainArgs(out, "--policy", "nosuch"),
		`there is no layer "stem/**"`:                      trainArgs(out, "--policy", policyFile),
		`the policy's key "weight" rounds output/weight`:   trainArgs(out, "--optimizer", "halp", "--policy", "swalp8"),
		"a batch of 97 is more than the 96":                trainArgs(out, "--batch", "97"),
		"is no folder of a run":                            {"train", "--resume", "--out", out},
		out + " is no folder of a run":                     {"eval", out},
		"model linear has targets of shape (32, 1), data ": trainArgs(out, "--model", "linear"),
	} {
		stdout, stderr, status := run(t, args...)
		assert.Equal(t, exitFailed, status, want)
		assert.Contains(t, stderr, want)
		assert.NotContains(t, stderr, "goroutine")
		assert.Empty(t, stdout)
		assert.NoDirExists(t, out)
	}
}

// Batches of one image, larger than the test part, and as large as the training part; threads as many as processors.
func TestTrainUnusualBatches(t *testing.T) {
	for _, batch := range []string{"1", "95", "96"} {
		stdout, stderr, status := run(t, trainArgs(filepath.Join(t.TempDir(), "a"), "--batch", batch, "--steps", "2", "--limit-test", "3", "--threads", "0", "--json")...)
		require.Equal(t, exitOK, status, stderr)
		var rows []map[string]any
		require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
		assert.Equal(t, 2., rows[0]["step"])
	}
}

// --from begins with another run's weights and settings; flags change these.
func TestTrainFrom(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	_, stderr, status := run(t, trainArgs(first, "--optimizer", "lp-sgd", "--policy", "swalp8", "--opt", "momentum=0.5")...)
	require.Equal(t, exitOK, status, stderr)
	_, stderr, status = run(t, "train", "--from", first, "--out", second, "--lr", "0.01", "--steps", "3")
	require.Equal(t, exitOK, status, stderr)
	text, err := os.ReadFile(filepath.Join(second, "run.json"))
	require.NoError(t, err)
	for _, part := range []string{`"lr": "0.01"`, `"momentum": "0.5"`, `"steps": 3`, `"policy_name": "swalp8"`, `"start": {`, `"step": 6`} {
		assert.Contains(t, string(text), part)
	}
	_, stderr, status = run(t, "train", "--from", first, "--out", filepath.Join(t.TempDir(), "c"), "--optimizer", "sgd")
	require.Equal(t, exitOK, status, stderr)
	_, stderr, status = run(t, "train", "--from", first, "--out", second, "--resume")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, stderr, "goes on from its own weights")
	_, stderr, status = run(t, "train", "--from", t.TempDir(), "--out", second)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, stderr, "is no folder of a run")
}
