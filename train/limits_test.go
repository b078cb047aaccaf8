package train

import (
	"bytes"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/nets/datasets"
)

// A batch that could not be assembled leaves nothing behind: not in the inputs, which the one before it has to be put into
// again, and not for the next one, also if nobody took what was prepared.
func TestBatchesBehindOneThatFailed(t *testing.T) {
	train := func(b int) batchKey { return batchKey{part: datasets.Train, batch: b} }
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("the disk is gone") },
		"panic": func() error { panic("no such pixel") },
	} {
		for _, prepared := range []bool{false, true} {
			f := sessionOf(t, small(t, "float32", "sgd")).network
			plain := sessionOf(t, small(t, "float32", "sgd")).network.feeder
			f.watch(func(_ datasets.Part, b int) error {
				if b != 1 {
					return nil
				}
				for _, data := range f.feeder.inputs { // it fails in the middle
					clear(data)
				}
				return fail()
			})
			_, err := f.feeder.feed(train(0))
			require.NoError(t, err)
			if prepared {
				f.feeder.prepare(train(1))
			}
			if name == "panic" {
				assert.Panics(t, func() { _, _ = f.feeder.feed(train(1)) })
			} else {
				_, err = f.feeder.feed(train(1))
				assert.ErrorContains(t, err, "the disk is gone")
			}
			f.feeder.prepare(train(1)) // in vain
			for _, b := range []int{0, 2, 0} {
				f.feeder.prepare(train(b))
				_, err = f.feeder.feed(train(b))
				require.NoError(t, err)
				_, err = plain.feed(train(b))
				require.NoError(t, err)
				require.Equal(t, plain.inputs, f.feeder.inputs, "%s, %v", name, prepared)
			}
			f.feeder.close()
		}
	}
}

// Closing waits for what is being assembled.
func TestCloseWaitsForAssembly(t *testing.T) {
	n := sessionOf(t, small(t, "float32", "sgd")).network
	var done atomic.Int32
	n.watch(func(datasets.Part, int) error {
		time.Sleep(20 * time.Millisecond)
		done.Add(1)
		return nil
	})
	n.feeder.prepare(batchKey{part: datasets.Train, batch: 1})
	n.feeder.prepare(batchKey{part: datasets.Test, batch: 0})
	n.feeder.close()
	assert.EqualValues(t, 2, done.Load())
}

// A state that could not be written is no checkpoint, and its error stays.
func TestSaverKeepsItsError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	w := newSaver(dir)
	c := someCheckpoint()
	require.NoError(t, w.save(c, nil))
	require.NoError(t, w.wait())
	require.NoError(t, os.RemoveAll(dir))
	later := someCheckpoint()
	later.Step++
	require.NoError(t, w.save(later, nil))
	require.Error(t, w.wait())
	for range 2 {
		idle, err := w.idle()
		require.True(t, idle)
		require.Error(t, err)
	}
	require.Error(t, w.save(later, nil))
	assert.Contains(t, w.kept(), "after step 7,")
}

// Numbers of a manifest have ranges, and the manifest ends where it ends.
func TestManifestsOutOfRange(t *testing.T) {
	for name, change := range map[string]func(m *manifest){
		"step": func(m *manifest) { m.Step = -1 }, "losses": func(m *manifest) { m.LossCount = -1 }, "good steps": func(m *manifest) { m.GoodSteps = -1 },
		"no error scale": func(m *manifest) { m.ErrorScale = 0 }, "negative error scale": func(m *manifest) { m.ErrorScale = -1 },
	} {
		c := someCheckpoint()
		change(&c.manifest)
		_, err := parseCheckpoint(written(t, c))
		assert.ErrorContains(t, err, "out of range", name)
	}
	c := someCheckpoint()
	c.Step, c.LossCount, c.GoodSteps = 0, 0, 0
	_, err := parseCheckpoint(written(t, c))
	require.NoError(t, err)

	arrays := map[string]*npy.Array{manifestArray: byteArray([]byte(`{"halftone": "` + checkpointVersion + `", "error_scale": 1}`))}
	for _, more := range []string{"", " \n", "{}", "1"} {
		arrays[manifestArray].Data = append(arrays[manifestArray].Data.([]byte), more...)
		arrays[manifestArray].Shape[0] = len(arrays[manifestArray].Data.([]byte))
		delete(arrays, checksumArray)
		sum, err := checksum(arrays)
		require.NoError(t, err)
		arrays[checksumArray] = byteArray(sum)
		var file bytes.Buffer
		require.NoError(t, npy.WriteArchive(&file, arrays))
		_, err = parseCheckpoint(file.Bytes())
		if len(bytes.TrimSpace([]byte(more))) == 0 {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "behind the end")
		}
	}
}

// A file is read up to its limit.
func TestFilesHaveALimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.WriteFile(name, make([]byte, 10), 0o600))
	data, err := readLimited(name, 10)
	require.NoError(t, err)
	require.Len(t, data, 10)
	_, err = readLimited(name, 9)
	require.ErrorContains(t, err, "more than 9 bytes")
}
