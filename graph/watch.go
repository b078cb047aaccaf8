package graph

import "time"

// watcher is told of every execution of a step, or of some samples of it, right behind it and on the goroutine that ran
// it: what profiles a run, or compares it. Executions of different steps may be told at the same time.
type watcher interface {
	// ran says that the samples lo to hi of a step took so much time of threads; both are 0 for work that belongs to all
	// samples.
	ran(s *step, lo, hi int, took time.Duration)
}

// started is the time before an execution, if someone wants to know.
func (m *machine) started() time.Time {
	if len(m.watchers) == 0 {
		return time.Time{}
	}
	return time.Now()
}

// ran tells the watchers of an execution on one thread.
func (m *machine) ran(s *step, lo, hi int, started time.Time) { m.ranOn(1, s, lo, hi, started) }

// ranOn tells the watchers of an execution that has so many threads, whether it has work for all of them or not.
func (m *machine) ranOn(threads int, s *step, lo, hi int, started time.Time) {
	if len(m.watchers) == 0 {
		return
	}
	took := time.Since(started) * time.Duration(max(1, threads))
	for _, w := range m.watchers {
		w.ran(s, lo, hi, took)
	}
}

// ranTogether tells the watchers of steps that ran as one, on one thread, and took the same each.
func (m *machine) ranTogether(steps []step, lo, hi int, started time.Time) {
	took := time.Since(started) / time.Duration(len(steps))
	for i := range steps {
		for _, w := range m.watchers {
			w.ran(&steps[i], lo, hi, took)
		}
	}
}

// ranWhole tells the watchers of a step that ran at once.
func (m *machine) ranWhole(s *step, started time.Time) {
	samples := 1
	if len(s.call.Out.Shape) > 0 {
		samples = s.call.Out.Shape[0]
	}
	m.ranOn(s.call.Threads, s, 0, samples, started)
}
