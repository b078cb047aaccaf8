package parallel

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dividers are the ways to divide a loop; a body of Share is called once on each goroutine.
var dividers = map[string]func(n, grain, threads int, body func(lo, hi int)){
	"For":       For,
	"ForEvenly": ForEvenly,
	"Share": func(n, grain, threads int, body func(lo, hi int)) {
		Share(n, grain, threads, func(w *Work) {
			for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
				body(lo, hi)
			}
		})
	},
}

// atLeastProcessors lets loops have helpers however many processors the machine has.
func atLeastProcessors(t *testing.T, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(before, n))
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestEveryFormCoversEachElementOnce(t *testing.T) {
	atLeastProcessors(t, 4)
	for name, divide := range dividers {
		for _, n := range []int{-3, 0, 1, 5, 64, 100} {
			for _, grain := range []int{-1, 0, 1, 3, 64} {
				for _, threads := range []int{-1, 0, 1, 2, 3, 7, 200} {
					var mutex sync.Mutex
					seen := make([]int, max(n, 0))
					ranges := 0
					divide(n, grain, threads, func(lo, hi int) {
						mutex.Lock()
						defer mutex.Unlock()
						ranges++
						assert.Less(t, lo, hi)
						assert.Zero(t, lo%max(grain, 1))
						for i := lo; i < hi; i++ {
							seen[i]++
						}
					})
					for _, times := range seen {
						require.Equal(t, 1, times)
					}
					if name == "ForEvenly" || threads <= 1 {
						assert.LessOrEqual(t, ranges, max(threads, 1))
					}
				}
			}
		}
	}
}

// Ranges of ForEvenly differ by one unit at most.
func TestForEvenly(t *testing.T) {
	for n := 1; n < 40; n++ {
		for threads := 1; threads < 9; threads++ {
			var mutex sync.Mutex
			var lengths []int
			ForEvenly(n, 1, threads, func(lo, hi int) {
				mutex.Lock()
				defer mutex.Unlock()
				lengths = append(lengths, hi-lo)
			})
			assert.Len(t, lengths, min(n, threads))
			assert.LessOrEqual(t, slices.Max(lengths)-slices.Min(lengths), 1)
		}
	}
}

// A goroutine that is held up does not hold up the others: they do all the rest.
func TestShareIsTakenByThoseWhoAreFree(t *testing.T) {
	atLeastProcessors(t, 2)
	for name, divide := range dividers {
		if name == "ForEvenly" {
			continue
		}
		const n = 1000
		var done atomic.Int64
		var held atomic.Bool
		divide(n, 1, 2, func(lo, hi int) {
			if done.Add(int64(hi - lo)); held.CompareAndSwap(false, true) {
				for deadline := time.Now().Add(10 * time.Second); done.Load() < n && time.Now().Before(deadline); {
					runtime.Gosched()
				}
				assert.EqualValues(t, n, done.Load(), "%s: the other goroutine waits", name)
			}
		})
	}
}

// Loops of thousands of goroutines, and loops inside of loops, all come to an end, and never more bodies run at a time
// than there are callers and workers.
func TestFromManyGoroutines(t *testing.T) {
	atLeastProcessors(t, 4)
	const callers = 3000
	var sum, now, most atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			For(8, 1, 4, func(lo, hi int) {
				ForEvenly(hi-lo, 1, 3, func(from, to int) {
					for at := now.Add(1); at > most.Load(); {
						most.Store(at)
					}
					Share(10*(to-from), 1, 2, func(w *Work) {
						for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
							sum.Add(int64(hi - lo))
						}
					})
					now.Add(-1)
				})
			})
		})
	}
	group.Wait()
	assert.EqualValues(t, callers*80, sum.Load())
	assert.LessOrEqual(t, int(most.Load()), callers+workers.started)
	assert.LessOrEqual(t, workers.started, runtime.GOMAXPROCS(0)-1)
}

// What a body panics with reaches the caller, whichever goroutine it ran on, when no body runs any more; and the workers
// live on.
func TestPanics(t *testing.T) {
	atLeastProcessors(t, 4)
	for name, divide := range dividers {
		for _, at := range []int{0, 1, 50, 99} {
			var running atomic.Int64
			assert.PanicsWithValue(t, "at", func() {
				divide(100, 1, 4, func(lo, hi int) {
					running.Add(1)
					defer running.Add(-1)
					if lo <= at && at < hi {
						panic("at")
					}
					time.Sleep(10 * time.Microsecond)
				})
			}, name)
			assert.Zero(t, running.Load())
		}
	}
	var sum atomic.Int64
	For(1000, 1, 4, func(lo, hi int) { sum.Add(int64(hi - lo)) })
	assert.EqualValues(t, 1000, sum.Load())
}

// A body that ends its goroutine, as a failed assertion does, takes no worker with it.
func TestEndedGoroutines(t *testing.T) {
	atLeastProcessors(t, 4)
	for range 20 {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			For(100, 1, 4, func(int, int) {
				time.Sleep(10 * time.Microsecond)
				runtime.Goexit()
			})
		}()
		<-ended
	}
	var sum atomic.Int64
	For(1000, 1, 4, func(lo, hi int) { sum.Add(int64(hi - lo)) })
	assert.EqualValues(t, 1000, sum.Load())
}

// A loop allocates nothing itself.
func TestAllocatesNothing(t *testing.T) {
	atLeastProcessors(t, 2)
	var sum atomic.Int64
	body := func(lo, hi int) { sum.Add(int64(hi - lo)) }
	work := func(w *Work) {
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			sum.Add(int64(hi - lo))
		}
	}
	assert.Zero(t, testing.AllocsPerRun(200, func() {
		For(100, 1, 2, body)
		ForEvenly(100, 1, 2, body)
		Share(100, 1, 2, work)
	}))
}

func BenchmarkFor(b *testing.B) {
	var cells [64]struct {
		n int64
		_ [56]byte
	}
	body := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			cells[i].n++
		}
	}
	for b.Loop() {
		For(len(cells), 1, 2, body)
	}
}
