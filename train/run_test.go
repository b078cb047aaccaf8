package train

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runs are small runs of every optimizer, under policies with random rounding.
func runs(t testing.TB) map[string]Config {
	scaled := small(t, "fixed8", "lp-sgd", "momentum=0.9", "decay=1e-4")
	scaled.ErrorScale, scaled.Schedule = "dynamic", "cosine:0.1"
	mlp := small(t, "swalp8", "lp-sgd")
	mlp.Model, mlp.Build, mlp.Hidden = "mlp", nil, []int{9}
	lstm := small(t, "swalp8", "lp-sgd")
	lstm.Model, lstm.Build, lstm.Set, lstm.Data, lstm.DataDir = "lstm", nil, nil, "tinyshakespeare", textDir(t)
	lstm.Window, lstm.Batch, lstm.Steps, lstm.EvaluateEvery = 3, 4, 6, 4
	return map[string]Config{
		"sgd":     small(t, "float32", "sgd", "momentum=0.9"),
		"lp-sgd":  small(t, "swalp8", "lp-sgd", "momentum=0.9"),
		"svrg":    small(t, "float32", "svrg", "T=5", "iterate=random"),
		"lp-svrg": small(t, "fixed16", "lp-svrg", "T=5"),
		"halp":    small(t, "halp8", "halp", "T=5", "mu=2", "momentum=0.5"),
		"swalp":   small(t, "swalp8", "swalp", "swa-start=4", "swa-every=3"),
		"scaled":  scaled,
		"mlp":     mlp,
		"lstm":    lstm,
	}
}

// The same run has the same bits, in its checkpoint and in its metrics, at any number of threads and however often it was
// stopped and resumed.
func TestSameBits(t *testing.T) {
	for name, c := range runs(t) {
		t.Run(name, func(t *testing.T) {
			c.Out = filepath.Join(t.TempDir(), "a")
			want := mustRun(t, c)
			checkpoint := checkpointOf(t, c.Out)
			for _, threads := range []int{2, 3} {
				c.Out, c.Threads = filepath.Join(t.TempDir(), "b"), threads
				got := mustRun(t, c)
				assert.Equal(t, checkpoint, checkpointOf(t, c.Out), "%d threads", threads)
				assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got.Rows), "%d threads", threads)
			}
			c.Out = filepath.Join(t.TempDir(), "c")
			got := interrupted(t, c)
			assert.Equal(t, checkpoint, checkpointOf(t, c.Out))
			assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got))
		})
	}
}

// interrupted makes a run that is stopped at every third report of progress, wherever that is.
func interrupted(t *testing.T, c Config) []Row {
	for part := range 200 {
		ctx, stop := context.WithCancel(t.Context())
		reports := 0
		c.Observe = func(Progress) {
			if reports++; reports == 3+5*(part%7) {
				stop()
			}
		}
		c.Threads = 1 + part%3
		result, err := Run(ctx, c)
		stop()
		if err == nil {
			require.Greater(t, part, 1)
			return result.Rows
		}
		require.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "--resume")
		c.Resume = true
	}
	require.Fail(t, "the run does not end")
	return nil
}

// A finished run that is resumed gives its result again; with more steps it goes on as if it had been given them at once.
func TestResumeWithMoreSteps(t *testing.T) {
	c := small(t, "swalp8", "lp-sgd", "momentum=0.9")
	c.Steps, c.EvaluateEvery = 21, 7
	c.Out = filepath.Join(t.TempDir(), "a")
	want := mustRun(t, c)
	checkpoint := checkpointOf(t, c.Out)

	c.Out, c.Steps = filepath.Join(t.TempDir(), "b"), 14
	mustRun(t, c)
	c.Resume = true
	assert.Len(t, mustRun(t, c).Rows, 2)
	c.Steps = 21
	got := mustRun(t, c)
	assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got.Rows))
	assert.Equal(t, checkpoint, checkpointOf(t, c.Out))
	record, err := ReadRecord(c.Out)
	require.NoError(t, err)
	assert.Equal(t, 21, record.Steps)

	c.Steps = 20
	_, err = Run(t.Context(), c)
	assert.ErrorContains(t, err, "has made 21 steps, more than 20")
}

// A checkpoint that is due by the clock changes nothing but what a killed run has to make again.
func TestCheckpointInterval(t *testing.T) {
	c := small(t, "halp8", "halp", "T=5")
	c.Out = filepath.Join(t.TempDir(), "a")
	mustRun(t, c)
	checkpoint := checkpointOf(t, c.Out)
	c.Out, c.CheckpointInterval = filepath.Join(t.TempDir(), "b"), time.Nanosecond
	mustRun(t, c)
	assert.Equal(t, checkpoint, checkpointOf(t, c.Out))
}

// Training works: the small net learns the small set.
func TestLearns(t *testing.T) {
	for name, c := range runs(t) {
		if name == "lstm" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c.Steps = 48
			rows := mustRun(t, c).Rows
			assert.Greater(t, rows[len(rows)-1].Accuracy, 0.8)
		})
	}
}

func TestDivergenceStopsTheRun(t *testing.T) {
	c := small(t, "float32", "sgd", "lr=1e30", "decay=1")
	c.Out, c.EvaluateEvery = filepath.Join(t.TempDir(), "a"), 1
	_, err := Run(t.Context(), c)
	require.Error(t, err)
	assert.ErrorContains(t, err, "lower the learning rate")
	assert.ErrorContains(t, err, "stays in "+c.Out)
	_, err = loadRun(c.Out)
	assert.NoError(t, err)
}

// loadRun reads what a run left.
func loadRun(dir string) (*checkpoint, error) {
	r, err := ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	return loadCheckpoint(dir, r)
}

func TestFolders(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Steps, c.Out = 2, filepath.Join(t.TempDir(), "deep", "a")
	c.Resume = true
	_, err := Run(t.Context(), c)
	assert.ErrorContains(t, err, "is no folder of a run")
	assert.ErrorContains(t, err, "leave --resume out")
	assert.NoDirExists(t, c.Out)

	c.Resume = false
	mustRun(t, c)
	_, err = Run(t.Context(), c)
	assert.ErrorContains(t, err, "holds a run: take it up with --resume, or name another folder")

	other := c
	other.Resume, other.Seed = true, 4
	_, err = Run(t.Context(), other)
	assert.ErrorContains(t, err, "seed is 4 and was 3")
	other = c
	other.Resume, other.Options = true, []string{"momentum=0.5"}
	_, err = Run(t.Context(), other)
	assert.ErrorContains(t, err, "option momentum is 0.5 and was 0")
	other = c
	other.Resume, other.Policy = true, shipped(t, "fixed8")
	_, err = Run(t.Context(), other)
	assert.ErrorContains(t, err, "the policy is another one")

	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "letter.txt"), nil, 0o600))
	c.Out = full
	_, err = Run(t.Context(), c)
	assert.ErrorContains(t, err, "is not empty: it holds letter.txt")
}

// A run that was killed before its first checkpoint, or while it wrote its first file, can be begun again.
func TestKilledAtTheBeginning(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Steps, c.Out = 2, t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(c.Out, ".run.json.123"), []byte("{"), 0o600))
	mustRun(t, c)
	want := checkpointOf(t, c.Out)
	require.NoError(t, os.Remove(filepath.Join(c.Out, CheckpointFile)))
	c.Resume = true
	mustRun(t, c)
	assert.Equal(t, want, checkpointOf(t, c.Out))
}

func TestScheduleThatNeedsTheLengthKeepsIt(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.Steps, c.Schedule, c.Out = 2, "linear", filepath.Join(t.TempDir(), "a")
	mustRun(t, c)
	c.Resume, c.Steps = true, 3
	_, err := Run(t.Context(), c)
	assert.ErrorContains(t, err, "the schedule linear depends on the number of steps, which was 2 and cannot become 3")
}

// ResNet-14 trains on the synthetic set, and three threads give the bits of one.
func TestResNet(t *testing.T) {
	var files [][]byte
	for _, threads := range []int{1, 3} {
		c := resnet(t, "swalp8", "lp-sgd")
		c.Steps, c.EvaluateEvery, c.Batch, c.LimitTrain, c.LimitTest = 2, 2, 8, 16, 10
		c.Threads, c.Out = threads, filepath.Join(t.TempDir(), "a")
		rows := mustRun(t, c).Rows
		require.Len(t, rows, 1)
		assert.Equal(t, 10, rows[0].Samples)
		files = append(files, checkpointOf(t, c.Out))
	}
	assert.Equal(t, files[0], files[1])
}
