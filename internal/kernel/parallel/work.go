package parallel

import "sync/atomic"

// task is a loop that is divided among goroutines.
type task struct {
	n, grain, units int // units are grain elements each, the last one fewer
	ranges          int // so many of about the same length, or 0 for shorter and shorter ones
	threads         int // goroutines at most
	body            func(lo, hi int)
	share           func(w *Work)
}

// Work is a task that runs.
type Work struct {
	task
	next   atomic.Int64 // unit or range that nobody has taken
	helped int          // workers that joined, guarded by the pool
	// state counts the workers that are at it, and asleep is added to it when the caller waits for the last of them.
	state atomic.Int64
	done  chan struct{}
	fault atomic.Pointer[fault]
}

const asleep = 1 << 32

// fault is the value that a body panicked with.
type fault struct{ value any }

// Next takes a range. It returns false when all are taken.
func (w *Work) Next() (lo, hi int, ok bool) {
	if w.ranges > 0 {
		r := int(w.next.Add(1)) - 1
		if r >= w.ranges {
			return 0, 0, false
		}
		return w.units * r / w.ranges * w.grain, min(w.units*(r+1)/w.ranges*w.grain, w.n), true
	}
	for {
		first := w.next.Load()
		left := w.units - int(first)
		if left <= 0 {
			return 0, 0, false
		}
		units := left
		if w.threads > 1 {
			units = max(left/(2*w.threads), 1)
		}
		if w.next.CompareAndSwap(first, first+int64(units)) {
			return int(first) * w.grain, min((int(first)+units)*w.grain, w.n), true
		}
	}
}

// work takes part in the task until nothing is left to take.
func (w *Work) work() {
	if w.share != nil {
		w.share(w)
		return
	}
	for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
		w.body(lo, hi)
	}
}

// stop lets nobody take anything any more.
func (w *Work) stop() { w.next.Store(int64(w.units + w.ranges)) }

// help is a worker's part of the task.
func (w *Work) help() {
	defer func() {
		if value := recover(); value != nil {
			w.fault.CompareAndSwap(nil, &fault{value})
			w.stop()
		}
		if w.state.Add(-1) == asleep {
			w.done <- struct{}{}
		}
	}()
	w.work()
}
