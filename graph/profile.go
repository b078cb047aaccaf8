package graph

import (
	"sync/atomic"
	"time"
)

// Profile adds up what the runs of a program take, step by step. Times are those of threads: an op that runs on two threads
// for a millisecond takes two. What threads wait for each other inside of an op is the op's; what they wait behind a
// stretch of ops that they take their samples through is nobody's, see Idle.
type Profile struct {
	machine *machine
	spent   map[*step]*atomic.Int64 // nanoseconds; the keys stay as they are
	runs    int
	// Of the runs, those with a backward pass, and those with running statistics.
	whole, evaluations int
	began              time.Time
	ended              time.Time
	wall               time.Duration
}

// Profile begins a profile of the runs from now on, in place of one that is under way. It must not be called during a run.
// Every execution of a step then costs some hundred nanoseconds more.
func (p *Program) Profile() *Profile {
	m := p.machine
	if m.profile != nil {
		m.profile.Stop()
	}
	f := &Profile{machine: m, spent: make(map[*step]*atomic.Int64, len(m.steps))}
	for i := range m.steps {
		f.spent[&m.steps[i]] = &atomic.Int64{}
	}
	m.profile, m.watchers = f, append(m.watchers, f)
	return f
}

// Stop ends the profile, whose results stay. It must not be called during a run.
func (f *Profile) Stop() {
	m := f.machine
	if m.profile != f {
		return
	}
	m.profile = nil
	kept := m.watchers[:0]
	for _, w := range m.watchers {
		if w != watcher(f) {
			kept = append(kept, w)
		}
	}
	m.watchers = kept
}

// ran implements watcher.
func (f *Profile) ran(s *step, _, _ int, took time.Duration) {
	if s.twin != nil {
		s = s.twin
	}
	f.spent[s].Add(int64(took))
}

// enter and leave come before and behind a run.
func (f *Profile) enter() { f.began = time.Now() }

func (f *Profile) leave(pass Pass) {
	f.ended = time.Now()
	f.wall += f.ended.Sub(f.began)
	f.runs++
	if pass.Backward {
		f.whole++
	}
	if pass.Evaluation {
		f.evaluations++
	}
}

// Runs is the number of runs so far.
func (f *Profile) Runs() int { return f.runs }

// Wall is the time that the runs took.
func (f *Profile) Wall() time.Duration { return f.wall }

// Last is when the last run began and ended.
func (f *Profile) Last() (began, ended time.Time) { return f.began, f.ended }

// Idle is the time of threads that no op took: waiting, and reading the inputs.
func (f *Profile) Idle() time.Duration {
	idle := f.wall * time.Duration(f.machine.program.options.threads)
	for _, t := range f.spent {
		idle -= time.Duration(t.Load())
	}
	return idle
}

// times is how often a step ran, given its place.
func (f *Profile) times(i int) int {
	if i < f.machine.forward {
		return f.runs
	}
	return f.whole
}
