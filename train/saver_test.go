package train

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A state is written as it was when it was given, however it changes afterwards, and one after the other.
func TestSaver(t *testing.T) {
	w := newSaver(t.TempDir())
	assert.Equal(t, "there is no checkpoint yet", w.kept())
	for step := range 20 {
		c := someCheckpoint()
		c.Step = step
		rows := []Row{{Step: step}}
		require.NoError(t, w.save(c, rows))
		rows[0].Step = -1
		if step%3 == 0 {
			require.NoError(t, w.wait())
			stored, err := readCheckpoint(filepath.Join(w.dir, CheckpointFile))
			require.NoError(t, err)
			assert.Equal(t, step, stored.Step)
			written, err := ReadMetrics(w.dir)
			require.NoError(t, err)
			assert.Equal(t, step, written[0].Step)
			idle, err := w.idle()
			require.NoError(t, err)
			assert.True(t, idle)
		}
	}
	require.NoError(t, w.wait())
	assert.Equal(t, "the last checkpoint, after step 19, stays in "+filepath.Join(w.dir, CheckpointFile)+": a new run goes on there with other settings, by --from "+w.dir, w.kept())
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "no temporary file is left")
}

// An error of writing ends the run, whether it is met between steps, at an evaluation or at the end.
func TestErrorsOfSaving(t *testing.T) {
	for _, of := range []struct {
		at, every int
		interval  time.Duration
	}{{3, 20, time.Nanosecond}, {3, 7, time.Hour}, {19, 20, time.Hour}} {
		c := small(t, "float32", "sgd")
		c.Out, c.EvaluateEvery, c.CheckpointInterval = filepath.Join(t.TempDir(), "a"), of.every, of.interval
		last := 0
		c.Observe = func(p Progress) {
			if p.Phase == Training && p.Step == of.at && !p.NewRow {
				_ = os.RemoveAll(c.Out) // a checkpoint may be under way
				require.NoError(t, os.RemoveAll(c.Out))
			}
			last = p.Step
		}
		_, err := Run(t.Context(), c)
		assert.ErrorContains(t, err, "writing "+c.Out)
		assert.LessOrEqual(t, last, max(of.at+5, 2*of.every))
	}
}
