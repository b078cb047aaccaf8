package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// meet waits until so many goroutines are at it at the same time, but not for long, and returns how many there were.
func meet(now *atomic.Int64, want int, patience time.Duration) int {
	now.Add(1)
	for deadline := time.Now().Add(patience); int(now.Load()) < want && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	return int(now.Load())
}

// helpers reports that a loop on so many threads has as many goroutines at work at the same time.
func helpers(threads int) bool {
	var now, most atomic.Int64
	For(threads, 1, threads, func(lo, hi int) {
		for range hi - lo { // a range of several is one goroutine
			n := meet(&now, threads, 5*time.Second/time.Duration(threads))
			for at := most.Load(); int64(n) > at && !most.CompareAndSwap(at, int64(n)); at = most.Load() {
			}
		}
	})
	return int(most.Load()) >= threads
}

// A loop never has more goroutines than it asks for, though there are more workers that have nothing to do, in the first
// loop as in later ones.
func TestLoopsHaveNoMoreThreadsThanTheyAskFor(t *testing.T) {
	atLeastProcessors(t, 4)
	require.True(t, helpers(4), "all workers live")
	for name, divide := range dividers {
		for _, threads := range []int{2, 3} {
			for range 20 {
				var now, most atomic.Int64
				divide(40, 1, threads, func(int, int) {
					n := now.Add(1)
					for at := most.Load(); n > at && !most.CompareAndSwap(at, n); at = most.Load() {
					}
					time.Sleep(20 * time.Microsecond)
					now.Add(-1)
				})
				require.LessOrEqual(t, int(most.Load()), threads, name)
			}
		}
	}
}

// Bodies that end their goroutines, or panic, cost no worker: later loops have as many as before.
func TestWorkersOutliveWhatTheyRun(t *testing.T) {
	atLeastProcessors(t, 4)
	require.True(t, helpers(4))
	for _, end := range []func(){runtime.Goexit, func() { panic("a body") }} {
		for range 10 {
			var group sync.WaitGroup
			group.Go(func() {
				defer func() { _ = recover() }()
				var now atomic.Int64
				For(4, 1, 4, func(int, int) {
					meet(&now, 4, 50*time.Millisecond)
					end()
				})
			})
			group.Wait()
		}
		assert.True(t, helpers(4))
	}
}

// When a worker's body panics, nobody takes another range.
func TestNothingIsTakenBehindAPanic(t *testing.T) {
	atLeastProcessors(t, 2)
	for range 10 {
		var taken, late atomic.Int64
		var here atomic.Bool // the first to come is held up until the other one has panicked
		assert.Panics(t, func() {
			For(1000, 1, 2, func(lo, hi int) {
				if here.CompareAndSwap(false, true) {
					for deadline := time.Now().Add(5 * time.Second); taken.Load() == 0 && time.Now().Before(deadline); {
						runtime.Gosched()
					}
					time.Sleep(2 * time.Millisecond)
					return
				}
				if taken.Add(1) == 1 {
					panic("the second one")
				}
				late.Add(1)
			})
		})
		assert.Zero(t, late.Load())
	}
}
