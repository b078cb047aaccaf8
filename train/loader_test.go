package train

import (
	"bytes"
	"context"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/nets/datasets"
)

// watched are batches whose assembly a test takes part in.
type watched struct {
	datasets.Batches[float32]
	before func(b int) error
}

func (w watched) Fill(b int, inputs, targets [][]float32) (int, error) {
	if err := w.before(b); err != nil {
		return 0, err
	}
	return w.Batches.Fill(b, inputs, targets)
}

// watch lets before run ahead of every assembly of a batch for the network.
func (n *network) watch(before func(part datasets.Part, b int) error) {
	open := n.feeder.open
	n.feeder.open = func(part datasets.Part, outer int) (datasets.Batches[float32], error) {
		batches, err := open(part, outer)
		return watched{batches, func(b int) error { return before(part, b) }}, err
	}
	n.feeder.opened = nil
}

// sessionOf is a session whose run can begin.
func sessionOf(t *testing.T, c Config) *session {
	t.Helper()
	require.NoError(t, c.Check())
	s, err := newSession(c)
	require.NoError(t, err)
	return s
}

// While a batch is computed, the next one is assembled: of what takes 60 ms and what takes 40 ms, the longer one counts.
func TestAssemblyOverlapsWithComputing(t *testing.T) {
	const assembling, computing, batches = 40 * time.Millisecond, 60 * time.Millisecond, 6
	steps := func(overlap bool) time.Duration {
		n := sessionOf(t, small(t, "float32", "sgd")).network
		var fills atomic.Int32
		n.watch(func(datasets.Part, int) error {
			fills.Add(1)
			time.Sleep(assembling)
			return nil
		})
		began := time.Now()
		for b := range batches {
			_, err := n.feeder.feed(batchKey{part: datasets.Train, batch: b})
			require.NoError(t, err)
			if overlap && b+1 < batches {
				n.feeder.prepare(batchKey{part: datasets.Train, batch: b + 1})
			}
			time.Sleep(computing)
		}
		require.EqualValues(t, batches, fills.Load())
		return time.Since(began)
	}
	one, other := steps(false), steps(true)
	assert.GreaterOrEqual(t, one, batches*(assembling+computing))
	assert.Less(t, other, one-(batches-1)*assembling/2)
}

// Prepared batches are those that are assembled when they are wanted, copies at the end of the test part included, and a
// batch that was prepared in vain does no harm.
func TestPreparedBatches(t *testing.T) {
	f := sessionOf(t, small(t, "float32", "sgd")).network.feeder
	plain := sessionOf(t, small(t, "float32", "sgd")).network.feeder
	key := func(part datasets.Part, outer, b int) batchKey { return batchKey{part, outer, b} }
	for _, k := range []batchKey{
		key(datasets.Train, 0, 0), key(datasets.Train, 0, 5), key(datasets.Test, 0, 2), key(datasets.Train, 1, 3),
		key(datasets.Test, 0, 0), key(datasets.Train, 1, 4), key(datasets.Train, 0, 0),
	} {
		f.prepare(key(datasets.Train, 7, 1))
		f.prepare(k)
		got, err := f.feed(k)
		require.NoError(t, err)
		want, err := plain.feed(k)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, plain.inputs, f.inputs)
		require.Equal(t, plain.targets, f.targets)
	}
	f.close()
}

// In a run no batch but the first is assembled while the step waits: the optimizer announces what it will want, and the
// evaluation begins while the last step before it is computed.
func TestNoStepWaitsForAssembly(t *testing.T) {
	for name, c := range runs(t) {
		t.Run(name, func(t *testing.T) {
			s := sessionOf(t, c)
			var waited [2]atomic.Int32
			s.network.watch(func(part datasets.Part, _ int) error {
				if bytes.Contains(debug.Stack(), []byte("(*feeder).feed")) {
					if part == datasets.Test {
						waited[1].Add(1)
					} else {
						waited[0].Add(1)
					}
				}
				return nil
			})
			require.NoError(t, s.run(t.Context()))
			s.close()
			assert.EqualValues(t, 1, waited[0].Load(), "training")
			assert.Zero(t, waited[1].Load(), "evaluation")
		})
	}
}

// What goes wrong where a batch is prepared goes wrong in the run.
func TestErrorsOfAssembly(t *testing.T) {
	for name, batch := range map[string]int{"first": 0, "prepared": 3} {
		for _, part := range []datasets.Part{datasets.Train, datasets.Test} {
			s := sessionOf(t, small(t, "float32", "sgd"))
			s.network.watch(func(p datasets.Part, b int) error {
				if p == part && b >= min(batch, 2) {
					return errors.New("the disk is gone")
				}
				return nil
			})
			assert.ErrorContains(t, s.run(t.Context()), "the disk is gone", name)
			s.close()

			s = sessionOf(t, small(t, "float32", "sgd"))
			s.network.watch(func(p datasets.Part, b int) error {
				if p == part && b >= min(batch, 2) {
					panic("no such pixel")
				}
				return nil
			})
			assert.Panics(t, func() { _ = s.run(t.Context()) }, name)
			s.close()
		}
	}
}

// A run that is interrupted, at whatever step, leaves no goroutine behind.
func TestInterruptedRunsLeaveNothingBehind(t *testing.T) {
	for reports := range 12 {
		c := small(t, "swalp8", "lp-sgd")
		c.Out = t.TempDir()
		c.CheckpointInterval = time.Nanosecond
		ctx, stop := context.WithCancel(t.Context())
		c.Observe = func(Progress) {
			if reports--; reports < 0 {
				stop()
			}
		}
		_, err := Run(ctx, c)
		stop()
		require.ErrorIs(t, err, context.Canceled)
		require.Eventually(t, func() bool {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			return !bytes.Contains(stacks, []byte("(*loader).")) && !bytes.Contains(stacks, []byte("writeState"))
		}, time.Second, time.Millisecond)
	}
}
