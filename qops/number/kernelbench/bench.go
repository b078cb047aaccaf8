package kernelbench

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/halftone-go/halftone/internal/peer"
	"github.com/pkg/errors"
)

// Options say what is timed, and how.
type Options struct {
	Elements    int        // of the tensors that are compared with a copy; a multiple of 256
	Threads     int        // of both sides
	Repetitions int        // of which the median counts
	Only        string     // a glob of names; empty for all
	Peer        *peer.Peer // or nil, answering in nanoseconds per element
	// Progress is called before each turn, with the number of turns done; it may be nil.
	Progress func(done, total int, name string)
}

// Result is what was measured of one quantization, beside what is asked of it.
type Result struct {
	Name         string  // "copy" or a format string; " codes" behind it where codes are written instead of values
	Elements     int     // of the tensor
	NS           float64 // nanoseconds per element, the median
	Best         float64 // the least
	OfCopy       float64 // speed as a part of that of a copy just before, the median; where it has as many elements
	AskedOfCopy  float64 // at least; 0 where nothing is asked
	PeerCall     string  // what the peer runs; empty without one
	PeerNS       float64 // nanoseconds per element of the peer, the median
	PeerBest     float64 // the least
	Ratio        float64 // how many times as fast as the peer just after, the median
	AskedRatio   float64 // at least; 0 where nothing is asked
	AskedSeconds float64 // at most; 0 where nothing is asked
}

// Seconds is the time of one quantization.
func (r Result) Seconds() float64 { return r.NS * float64(r.Elements) * 1e-9 }

// Met reports whether everything that was asked for and measured holds.
func (r Result) Met() bool {
	return r.OfCopy >= r.AskedOfCopy && (r.PeerNS == 0 || r.Ratio >= r.AskedRatio) &&
		(r.AskedSeconds == 0 || r.Seconds() <= r.AskedSeconds)
}

// Asked reports whether anything is asked of it.
func (r Result) Asked() bool { return r.AskedOfCopy > 0 || r.AskedRatio > 0 || r.AskedSeconds > 0 }

// copyName names the copy among the results. It is always measured.
const copyName = "copy"

// Run measures everything that o selects.
func Run(ctx context.Context, o Options) ([]Result, error) {
	tasks, err := selected(o)
	if err != nil {
		return nil, err
	}
	inputs := newInputs(o.Elements)
	measured := make([]turns, len(tasks))
	total, done := 0, 0
	for _, t := range tasks {
		total += t.turns(o.Repetitions)
	}
	for turn := range o.Repetitions {
		for i, t := range tasks {
			if turn >= t.turns(o.Repetitions) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if o.Progress != nil {
				o.Progress(done, total, t.name)
			}
			done++
			if err := measured[i].add(t, tasks[0], o, inputs); err != nil {
				return nil, errors.Wrap(err, t.name)
			}
		}
	}
	out := make([]Result, len(tasks))
	for i, t := range tasks {
		out[i] = measured[i].result(t, o)
	}
	return out, nil
}

// turns are the times of a task, turn by turn: its own, a copy's just before it, and its peer's just after it.
type turns struct{ copies, own, peers []float64 }

// add takes a turn.
func (m *turns) add(t, copying task, o Options, in *inputs) error {
	copied, err := copying.time(in, o.Threads)
	if err != nil {
		return err
	}
	ns, err := t.time(in, o.Threads)
	if err != nil {
		return err
	}
	m.copies, m.own = append(m.copies, copied), append(m.own, ns)
	if o.Peer.Call(t.name) == "" {
		return nil
	}
	answer, err := o.Peer.Time(t.name)
	m.peers = append(m.peers, answer)
	return err
}

// result is what the turns come to. Ratios are taken turn by turn, so that both sides met the same machine.
func (m *turns) result(t task, o Options) Result {
	r := Result{
		Name: t.name, Elements: t.elements, NS: peer.Median(m.own), Best: slices.Min(m.own),
		AskedOfCopy: t.asked.ofCopy, AskedRatio: t.asked.ratio, AskedSeconds: t.asked.seconds,
	}
	if t.elements == o.Elements {
		r.OfCopy = peer.Median(peer.Ratios(m.copies, m.own))
	}
	if len(m.peers) > 0 {
		r.PeerCall, r.PeerNS, r.PeerBest = o.Peer.Call(t.name), peer.Median(m.peers), slices.Min(m.peers)
		r.Ratio = peer.Median(peer.Ratios(m.peers, m.own))
	}
	return r
}

// Check returns an error if nothing can be measured with these options.
func (o Options) Check() error {
	_, err := selected(o)
	return err
}

// selected returns the tasks whose names match.
func selected(o Options) ([]task, error) {
	if o.Elements <= 0 || o.Elements%samples != 0 {
		return nil, errors.Errorf("%d elements: take a positive multiple of %d", o.Elements, samples)
	}
	if o.Repetitions < 1 || o.Threads < 1 {
		return nil, errors.Errorf("%d repetitions on %d threads: take at least 1 of each", o.Repetitions, o.Threads)
	}
	all := tasks(o.Elements)
	if o.Only == "" {
		return all, nil
	}
	out := all[:1] // the copy
	for _, t := range all[1:] {
		match, err := path.Match(o.Only, t.name)
		if err != nil {
			return nil, errors.Wrapf(err, "pattern %q", o.Only)
		}
		if match {
			out = append(out, t)
		}
	}
	if len(out) == 1 && o.Only != copyName {
		return nil, errors.Errorf("nothing that is timed matches %q; the names are those of a run without a pattern", o.Only)
	}
	return out, nil
}

// clock runs work once to warm the caches, if it should, and once to time it, in nanoseconds.
func clock(warm bool, work func() error) (float64, error) {
	if warm {
		if err := work(); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	err := work()
	return float64(time.Since(start).Nanoseconds()), err
}
