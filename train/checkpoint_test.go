package train

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/npy"
)

func someCheckpoint() *checkpoint {
	return &checkpoint{
		manifest: manifest{
			Halftone: checkpointVersion, Run: "0123", Step: 7, LossSum: 0.1 + 0.2, LossCount: 2, ErrorScale: 1, GoodSteps: 3,
			Optimizer: "sgd", Counters: []counter{{"step", 7}, {"outer", 1}, {"inner", 0}},
		},
		tensors: map[string]*npy.Array{
			"parameter/a": {Shape: []int{2, 1}, Data: []float32{1, -2}},
			"statistic/b": {Shape: []int{1}, Data: []float64{0.5}},
		},
	}
}

func written(t testing.TB, c *checkpoint) []byte {
	name := filepath.Join(t.TempDir(), CheckpointFile)
	require.NoError(t, c.write(name))
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return data
}

func TestCheckpointRoundTrip(t *testing.T) {
	data := written(t, someCheckpoint())
	assert.Equal(t, data, written(t, someCheckpoint()), "equal checkpoints have equal files")
	got, err := parseCheckpoint(data)
	require.NoError(t, err)
	assert.Equal(t, someCheckpoint(), got)
}

// Whatever is wrong with a checkpoint, it is not loaded.
func TestDamagedCheckpoint(t *testing.T) {
	data := written(t, someCheckpoint())
	for i := 0; i < len(data); i += 7 {
		_, err := parseCheckpoint(data[:i])
		assert.Error(t, err, "cut at %d", i)
		broken := slices.Clone(data)
		broken[i] ^= 0x10
		if c, err := parseCheckpoint(broken); err == nil {
			assert.Equal(t, someCheckpoint(), c, "a bit of byte %d, which says nothing, is wrong", i)
		}
	}
	c := someCheckpoint()
	c.Halftone = "checkpoint/2"
	_, err := parseCheckpoint(written(t, c))
	assert.ErrorContains(t, err, `this version reads "checkpoint/1"`)
	c = someCheckpoint()
	c.Step = -1
	_, err = parseCheckpoint(written(t, c))
	assert.ErrorContains(t, err, "out of range")

	// Well-formed archives whose checksum is missing or wrong.
	for _, arrays := range []map[string]*npy.Array{
		{},
		{checksumArray: byteArray(nil)},
		{checksumArray: {Shape: []int{1}, Data: []float32{1}}},
		{checksumArray: byteArray(make([]byte, 32)), manifestArray: byteArray([]byte("{}"))},
	} {
		var file bytes.Buffer
		require.NoError(t, npy.WriteArchive(&file, arrays))
		_, err := parseCheckpoint(file.Bytes())
		assert.Error(t, err)
	}
}

// Errors name the file, and a run's files stay as they are.
func TestResumeFromADamagedCheckpoint(t *testing.T) {
	c := small(t, "float32", "sgd", "momentum=0.9")
	c.Steps, c.Out = 2, filepath.Join(t.TempDir(), "a")
	mustRun(t, c)
	c.Resume, c.Steps = true, 4
	name := filepath.Join(c.Out, CheckpointFile)
	good := checkpointOf(t, c.Out)
	require.NoError(t, os.WriteFile(name, good[:len(good)/2], 0o600))
	_, err := Run(t.Context(), c)
	assert.ErrorContains(t, err, CheckpointFile+" is damaged or no checkpoint")
	assert.Equal(t, good[:len(good)/2], checkpointOf(t, c.Out))

	stored, err := parseCheckpoint(good)
	require.NoError(t, err)
	for name, change := range map[string]func(c *checkpoint){
		"belongs to another run":                            func(c *checkpoint) { c.Run = "x" },
		`tensor "parameter/fc/weight" is missing`:           func(c *checkpoint) { delete(c.tensors, "parameter/fc/weight") },
		`tensor "parameter/fc/bias" has 1 elements`:         func(c *checkpoint) { c.tensors["parameter/fc/bias"] = &npy.Array{Shape: []int{1}, Data: []float32{1}} },
		`tensor "statistic/stem/batchnorm1.mean": the elem`: func(c *checkpoint) { c.tensors["statistic/stem/batchnorm1.mean"] = byteArray([]byte("abcdef")) },
		`tensor "optimizer/fc/weight.momentum": the elem`:   func(c *checkpoint) { c.tensors["optimizer/fc/weight.momentum"] = byteArray(make([]byte, 384)) },
		`counter "outer" is missing`:                        func(c *checkpoint) { c.Counters = c.Counters[:1] },
		`the state is of optimizer "svrg"`:                  func(c *checkpoint) { c.Optimizer = "svrg" },
	} {
		changed := *stored
		changed.tensors = map[string]*npy.Array{}
		for k, v := range stored.tensors {
			changed.tensors[k] = v
		}
		change(&changed)
		require.NoError(t, changed.write(filepath.Join(c.Out, CheckpointFile)))
		_, err := Run(t.Context(), c)
		assert.ErrorContains(t, err, name)
		assert.ErrorContains(t, err, CheckpointFile)
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(written(f, someCheckpoint()))
	var file bytes.Buffer
	require.NoError(f, npy.WriteArchive(&file, map[string]*npy.Array{checksumArray: byteArray(make([]byte, 32)), manifestArray: byteArray([]byte("{}"))}))
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseCheckpoint(data)
		if err != nil {
			return
		}
		_, _ = c.optimizer()
		again, err := parseCheckpoint(written(t, c))
		require.NoError(t, err)
		require.Equal(t, c.manifest, again.manifest)
	})
}
