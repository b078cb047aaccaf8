//go:build long

package train

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// ResNet-14 has the same bits of all weights after 20 steps at 1, 2 and 3 threads, and with kills and resumes in between.
func TestResNetSameBits(t *testing.T) {
	c := killedRun(t, "resnet14")
	c.Out, c.Threads = filepath.Join(t.TempDir(), "a"), 1
	mustRun(t, c)
	checkpoint := checkpointOf(t, c.Out)
	for _, threads := range []int{2, 3} {
		c.Out, c.Threads = filepath.Join(t.TempDir(), "b"), threads
		mustRun(t, c)
		assert.Equal(t, checkpoint, checkpointOf(t, c.Out), "%d threads", threads)
	}
	dir := filepath.Join(t.TempDir(), "c")
	assert.Positive(t, killAndResume(t, dir, "resnet14", time.Second))
	assert.Equal(t, checkpoint, checkpointOf(t, dir))
}

// HALP on ResNet-14: likewise at 1 and 3 threads.
func TestResNetHALPSameBits(t *testing.T) {
	c := resnet(t, "halp8", "halp", "T=6")
	c.Out, c.Threads = filepath.Join(t.TempDir(), "a"), 1
	mustRun(t, c)
	other := c
	other.Out, other.Threads = filepath.Join(t.TempDir(), "b"), 3
	mustRun(t, other)
	assert.Equal(t, checkpointOf(t, c.Out), checkpointOf(t, other.Out))
}
