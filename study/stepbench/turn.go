package stepbench

import (
	"context"
	"runtime"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/peer"
)

// contender is a task in a run's turns, with what has been measured of it.
type contender struct {
	task
	network *network
	single  *network // the same on one thread, or nil

	own, others, singles []float64 // milliseconds, turn by turn
	allocated            []float64 // bytes
}

// start begins the task, and makes a step that warms up: caches, memory, the peer's kernels.
func (c *contender) start(ctx context.Context, o Options) (err error) {
	if c.network, err = c.begin(o); err != nil {
		return err
	}
	if o.Scaling && o.Threads > 1 {
		one := o
		one.Threads = 1
		if c.single, err = c.begin(one); err != nil {
			return err
		}
		if err := c.single.step(ctx); err != nil {
			return errors.Wrap(err, c.name)
		}
	}
	return errors.Wrap(c.network.step(ctx), c.name)
}

// rest is how long nothing runs before a step: threads of other libraries look for work for some time behind theirs, on
// processors that the next step needs.
const rest = 20 * time.Millisecond

// turn makes a step, one on a single thread and one of the peer.
func (c *contender) turn(ctx context.Context, o Options) error {
	time.Sleep(rest)
	took, allocated, err := timed(ctx, c.network)
	if err != nil {
		return errors.Wrap(err, c.name)
	}
	c.own, c.allocated = append(c.own, took), append(c.allocated, allocated)
	if c.single != nil {
		took, _, err := timed(ctx, c.single)
		if err != nil {
			return errors.Wrap(err, c.name)
		}
		c.singles = append(c.singles, took)
	}
	if o.Peer.Call(c.name) == "" {
		return nil
	}
	time.Sleep(rest)
	answer, err := o.Peer.Time(c.name)
	if err != nil {
		return errors.Wrap(err, c.name)
	}
	c.others = append(c.others, answer)
	return nil
}

// timed makes a step and returns its milliseconds and the bytes that it allocated.
func timed(ctx context.Context, n *network) (ms, allocated float64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	err = n.step(ctx)
	ms = time.Since(start).Seconds() * 1e3
	runtime.ReadMemStats(&after)
	return ms, float64(after.TotalAlloc - before.TotalAlloc), err
}

// result is what the turns come to, of all that ran in them.
func (c *contender) result(o Options, all []*contender) Result {
	r := Result{
		Name: c.name, MS: peer.Median(c.own), AskedRatio: c.asked, AskedOfFloat: c.ofFloat, AskedOfExact: c.ofExact,
		AllocatedKB: peer.Median(c.allocated) / 1e3,
	}
	samples := o.Batch
	if o.Network == LSTM {
		samples *= charactersPerSample
	}
	r.PerSecond = float64(samples) / r.MS * 1e3
	for _, other := range all {
		switch other.name {
		case c.floats:
			r.OfFloat = peer.Median(peer.Ratios(other.own, c.own))
		case c.exact:
			r.OfExact = peer.Median(peer.Ratios(other.own, c.own))
		}
	}
	if len(c.singles) > 0 {
		r.Scaling = peer.Median(peer.Ratios(c.singles, c.own))
		if c.network.observe != nil && o.Threads == 2 {
			r.AskedScaling = askedScaling
		}
	}
	if c.published.perSecond > 0 {
		r.PeerCall, r.PeerMS = c.published.name, float64(samples)/c.published.perSecond*1e3
		r.Ratio = r.PeerMS / r.MS
	}
	if len(c.others) > 0 {
		r.PeerCall, r.PeerMS, r.Ratio = o.Peer.Call(c.name), peer.Median(c.others), peer.Median(peer.Ratios(c.others, c.own))
	}
	return r
}

// askedScaling is how many times as fast two threads are to train as one, at least.
const askedScaling = 1.8
