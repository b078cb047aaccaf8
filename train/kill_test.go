package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Environment of a test process that trains and waits to be killed.
const (
	childFolder = "HALFTONE_TEST_RUN"
	childName   = "HALFTONE_TEST_NAME"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		trainAsChild(dir, os.Getenv(childName))
	}
	os.Exit(m.Run())
}

// killedRun is the run that is killed.
func killedRun(t testing.TB, name string) Config {
	if name == "resnet14" {
		return resnet(t, "swalp8", "lp-sgd")
	}
	c := small(t, "halp8", "halp", "T=5", "momentum=0.5")
	c.Steps, c.EvaluateEvery = 1800, 90 // several times as long as what passes until a kill
	return c
}

// child is what shared helpers need where there is no test.
type child struct{ testing.TB }

func (child) Helper()                        {}
func (child) Errorf(format string, a ...any) { fmt.Fprintf(os.Stderr, format, a...) }
func (child) FailNow()                       { os.Exit(1) }

// trainAsChild begins or resumes the run in dir, with a checkpoint after every step.
func trainAsChild(dir, name string) {
	c := killedRun(child{}, name)
	c.Out, c.CheckpointInterval, c.Threads = dir, time.Nanosecond, 2
	_, err := os.Stat(filepath.Join(dir, RecordFile))
	c.Resume = err == nil
	if _, err := Run(context.Background(), c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killAndResume starts the run in processes that are killed, each after a random time, until one ends, and returns how
// many were killed.
func killAndResume(t *testing.T, dir, name string, longest time.Duration) (kills int) {
	for range 1000 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+dir, childName+"="+name)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			require.NoError(t, err)
			return kills
		case <-time.After(time.Duration(rand.Int64N(int64(longest)))):
			_ = cmd.Process.Kill() // SIGKILL: nothing is cleaned up; it fails if the process has just ended
			if <-ended == nil {
				return kills
			}
			require.Equal(t, -1, cmd.ProcessState.ExitCode(), "it did not end by itself")
			kills++
		}
		longest += longest / 16 // so that a slow machine gets to the end
	}
	require.Fail(t, "the run does not end")
	return 0
}

// A run that is killed at any instant and resumed ends with the files of an unbroken one.
func TestKill(t *testing.T) {
	c := killedRun(t, "")
	c.Out = filepath.Join(t.TempDir(), "a")
	want := mustRun(t, c)
	dir := filepath.Join(t.TempDir(), "b")
	kills := killAndResume(t, dir, "", 100*time.Millisecond)
	assert.Positive(t, kills)
	assert.Equal(t, checkpointOf(t, c.Out), checkpointOf(t, dir))
	rows, err := ReadMetrics(dir)
	require.NoError(t, err)
	assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(rows))
}

// resnet is 20 steps of ResNet-14 on synthetic images.
func resnet(t testing.TB, policyName, optimizer string, options ...string) Config {
	return Config{
		Model: "resnet14", Data: "synthetic", LimitTrain: 256, LimitTest: 40, Batch: 32,
		Policy: shipped(t, policyName), Optimizer: optimizer, Options: options,
		Steps: 20, EvaluateEvery: 20, Seed: 1,
	}
}
