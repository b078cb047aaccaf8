package stepbench

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/peer"
)

// Options say what is timed, and how.
type Options struct {
	Network     string     // ResNet14, LSTM or MAC
	Batch       int        // samples of a step
	Threads     int        // of both sides
	Repetitions int        // of which the median counts
	Only        string     // a glob of names; empty for all
	Peer        *peer.Peer // or nil, answering in milliseconds
	// Progress is called before each turn of a task, with the number of turns done; it may be nil.
	Progress func(done, total int, name string)
}

// Result is what was measured of one task.
type Result struct {
	Name      string
	MS        float64 // milliseconds of a step, the median
	PerSecond float64 // samples: images, or characters of text
	OfFloat   float64 // speed as a part of that in float32 in the same turn, the median; 0 where that is not timed
	OfExact   float64 // likewise, of that with exact sums
	PeerCall  string
	PeerMS    float64 // milliseconds of the peer's step, the median; 0 without one
	Ratio     float64 // how many times as fast as the peer in the same turn, the median

	AskedRatio, AskedOfFloat, AskedOfExact float64 // at least; 0 where nothing is asked
}

// Met reports whether everything that was asked for and measured holds.
func (r Result) Met() bool {
	return (r.PeerMS == 0 || r.Ratio >= r.AskedRatio) && (r.OfFloat == 0 || r.OfFloat >= r.AskedOfFloat) &&
		(r.OfExact == 0 || r.OfExact >= r.AskedOfExact)
}

// charactersPerSample is the number of characters of a window of text.
const charactersPerSample = 50

// Run times everything that o selects.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if o.Batch < 1 || o.Threads < 1 || o.Repetitions < 1 {
		return nil, errors.Errorf("a batch of %d, %d threads, %d repetitions: take at least 1 of each", o.Batch, o.Threads, o.Repetitions)
	}
	selected, err := o.selected()
	if err != nil {
		return nil, err
	}
	steps := make([]step, len(selected))
	for i, t := range selected {
		p, err := policy.Load(t.policy)
		if err != nil {
			return nil, err
		}
		if t.edit != nil {
			t.edit(p)
		}
		if steps[i], err = t.start(o, p); err != nil {
			return nil, errors.Wrap(err, t.name)
		}
		if err := steps[i](ctx); err != nil { // warms
			return nil, errors.Wrap(err, t.name)
		}
	}
	own, others := make([][]float64, len(selected)), make([][]float64, len(selected))
	for turn := range o.Repetitions {
		for i, t := range selected {
			if o.Progress != nil {
				o.Progress(turn*len(selected)+i, o.Repetitions*len(selected), t.name)
			}
			start := time.Now()
			if err := steps[i](ctx); err != nil {
				return nil, errors.Wrap(err, t.name)
			}
			own[i] = append(own[i], time.Since(start).Seconds()*1e3)
			if o.Peer.Call(t.name) == "" {
				continue
			}
			answer, err := o.Peer.Time(t.name)
			if err != nil {
				return nil, errors.Wrap(err, t.name)
			}
			others[i] = append(others[i], answer)
		}
	}
	return results(o, selected, own, others), nil
}

// selected returns the tasks whose names match.
func (o Options) selected() ([]task, error) {
	all, err := tasks(o.Network)
	if err != nil {
		return nil, err
	}
	if o.Only == "" {
		return all, nil
	}
	var out []task
	for _, t := range all {
		match, err := path.Match(o.Only, t.name)
		if err != nil {
			return nil, errors.Wrapf(err, "pattern %q", o.Only)
		}
		if match {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, errors.Errorf("nothing that is timed matches %q; the names are those of a run without a pattern", o.Only)
	}
	return out, nil
}

// results is what the turns come to.
func results(o Options, selected []task, own, others [][]float64) []Result {
	out := make([]Result, len(selected))
	for i, t := range selected {
		r := Result{Name: t.name, MS: peer.Median(own[i]), AskedRatio: t.asked, AskedOfFloat: t.ofFloat, AskedOfExact: t.ofExact}
		samples := o.Batch
		if o.Network == LSTM {
			samples *= charactersPerSample
		}
		r.PerSecond = float64(samples) / r.MS * 1e3
		if j := slices.IndexFunc(selected, func(other task) bool { return other.name == t.floats }); j >= 0 {
			r.OfFloat = peer.Median(peer.Ratios(own[j], own[i]))
		}
		if j := slices.IndexFunc(selected, func(other task) bool { return other.name == t.exact }); j >= 0 {
			r.OfExact = peer.Median(peer.Ratios(own[j], own[i]))
		}
		if t.published.perSecond > 0 {
			r.PeerCall, r.PeerMS = t.published.name, float64(samples)/t.published.perSecond*1e3
			r.Ratio = r.PeerMS / r.MS
		}
		if len(others[i]) > 0 {
			r.PeerCall, r.PeerMS, r.Ratio = o.Peer.Call(t.name), peer.Median(others[i]), peer.Median(peer.Ratios(others[i], own[i]))
		}
		out[i] = r
	}
	return out
}
