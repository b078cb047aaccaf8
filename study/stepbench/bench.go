package stepbench

import (
	"context"
	"path"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/peer"
)

// Options say what is timed, and how.
type Options struct {
	Network     string     // ResNet14, LSTM or MAC
	Batch       int        // samples of a step
	Width       int        // by which the channels of ResNet-14 are multiplied; 0 for 1
	Threads     int        // of both sides
	Repetitions int        // of which the median counts
	Only        string     // a glob of names; empty for all
	Scaling     bool       // takes each step on one thread, too
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
	Scaling   float64 // speed as a multiple of that on one thread in the same turn, the median; 0 where that is not timed
	// AllocatedKB are kilobytes that a step allocated, the median: what memory and the garbage collector pay for in the
	// steady state.
	AllocatedKB float64
	// ResidentMB is the most memory, in megabytes, that a process had in RAM which ran this alone, and PeerResidentMB that of
	// a process of the peer's; 0 where that was not measured.
	ResidentMB, PeerResidentMB float64

	PeerCall string
	PeerMS   float64 // milliseconds of the peer's step, the median; 0 without one
	Ratio    float64 // how many times as fast as the peer in the same turn, the median

	AskedRatio, AskedOfFloat, AskedOfExact, AskedScaling float64 // at least; 0 where nothing is asked
}

// Met reports whether everything that was asked for and measured holds.
func (r Result) Met() bool {
	return (r.PeerMS == 0 || r.Ratio >= r.AskedRatio) && (r.OfFloat == 0 || r.OfFloat >= r.AskedOfFloat) &&
		(r.OfExact == 0 || r.OfExact >= r.AskedOfExact) && (r.Scaling == 0 || r.Scaling >= r.AskedScaling) &&
		(r.PeerResidentMB == 0 || r.ResidentMB <= r.PeerResidentMB)
}

// charactersPerSample is the number of characters of a window of text.
const charactersPerSample = 50

// Run times everything that o selects.
func Run(ctx context.Context, o Options) ([]Result, error) {
	selected, err := o.selected()
	if err != nil {
		return nil, err
	}
	all := make([]*contender, len(selected))
	for i, t := range selected {
		all[i] = &contender{task: t}
		if err := all[i].start(ctx, o); err != nil {
			return nil, err
		}
	}
	for turn := range o.Repetitions {
		for i, c := range all {
			if o.Progress != nil {
				o.Progress(turn*len(all)+i, o.Repetitions*len(all), c.name)
			}
			if err := c.turn(ctx, o); err != nil {
				return nil, err
			}
		}
	}
	out := make([]Result, len(all))
	for i, c := range all {
		out[i] = c.result(o, all)
	}
	if len(out) == 1 && !o.Scaling {
		out[0].ResidentMB = ResidentMB()
	}
	return out, nil
}

// width is that of the network.
func (o Options) width() int { return max(1, o.Width) }

// selected checks the options and returns the tasks whose names match.
func (o Options) selected() ([]task, error) {
	if o.Batch < 1 || o.Threads < 1 || o.Repetitions < 1 {
		return nil, errors.Errorf("a batch of %d, %d threads, %d repetitions: take at least 1 of each", o.Batch, o.Threads, o.Repetitions)
	}
	if o.Width < 0 || o.Width > 1 && o.Network == LSTM {
		return nil, errors.Errorf("a width of %d: %s has widths from 1 on, %s only 1", o.Width, ResNet14, LSTM)
	}
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
