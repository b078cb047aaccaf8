package stepbench

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops"
)

// Kinds of rows of a profile that are no ops of the graph.
const (
	BatchOp     = "batch"     // the images or the text of a step
	OptimizerOp = "optimizer" // the update, but for its roundings
	IdleOp      = "idle"      // threads that wait for each other
)

// Profile is where the time of a task's steps goes.
type Profile struct {
	Name   string
	StepMS float64 // milliseconds of a step, the mean
	// OfBound is the least time that the work of a step takes, one op after the other, as a part of the step's. Ops that
	// exceed their bound count as if they reached it.
	OfBound float64
	// Rows are kinds of work, the most expensive first. Their times add up to that of the step on all threads.
	Rows []ProfileRow
}

// ProfileRow is one kind of work in a step.
type ProfileRow struct {
	Op, Use string // see graph.Cost, or BatchOp, OptimizerOp, IdleOp
	Role    policy.Role
	Calls   float64
	// ThreadMS are milliseconds of threads: two threads that work for one are two. Share is the part of the step's.
	ThreadMS, Share float64
	Elements        float64
	// NSPerElement are nanoseconds per element, all threads working side by side.
	NSPerElement float64
	// Rates of all threads side by side, in 10^9 operations and bytes per second.
	GOperations, GBytes float64
	// Arithmetic is what products ran in where that is not the tensor's type: float64, int16, int8.
	Arithmetic string
	// Bound says what bounds work of this kind, and OfBound what share of the bound's speed it reached. Beyond 1, its
	// operands were found in the cache.
	Bound   string
	OfBound float64
}

// warmSteps are made before a profile.
const warmSteps = 2

// RunProfiles profiles the steps of everything that o selects, one task after the other.
func RunProfiles(ctx context.Context, o Options, b Bounds) ([]Profile, error) {
	selected, err := o.selected()
	if err != nil {
		return nil, err
	}
	out := make([]Profile, len(selected))
	for i, t := range selected {
		n, err := t.begin(o)
		if err != nil {
			return nil, err
		}
		var p *profiler
		for turn := range warmSteps + o.Repetitions {
			if o.Progress != nil {
				o.Progress(i*(warmSteps+o.Repetitions)+turn, len(selected)*(warmSteps+o.Repetitions), t.name)
			}
			if turn == warmSteps {
				p = newProfiler(n)
			}
			if err := p.step(ctx, n); err != nil {
				return nil, errors.Wrap(err, t.name)
			}
		}
		p.stop(n)
		out[i] = p.profile(t.name, o, b)
	}
	return out, nil
}

// profiler adds up the steps of a network. A nil one steps without.
type profiler struct {
	graph                *graph.Profile
	steps                int
	total, batch, update time.Duration
	roundings            []graph.Cost // of the optimizer, by role
	perUpdate            qops.Work
}

func newProfiler(n *network) *profiler {
	p := &profiler{graph: n.program.Profile()}
	if n.observe != nil {
		n.observe(p.rounded)
		p.perUpdate = updateWork(n)
	}
	return p
}

func (p *profiler) stop(n *network) {
	p.graph.Stop()
	if n.observe != nil {
		n.observe(nil)
	}
}

// rounded adds a rounding of the optimizer.
func (p *profiler) rounded(role optimizers.Role, elements int, took time.Duration) {
	i := slices.IndexFunc(p.roundings, func(c graph.Cost) bool { return c.Role == policy.Role(role) })
	if i < 0 {
		i = len(p.roundings)
		p.roundings = append(p.roundings, graph.Cost{Op: graph.QuantizeOp, Use: OptimizerOp, Role: policy.Role(role)})
	}
	c := &p.roundings[i]
	c.Calls++
	c.Elements += elements
	c.Time += took
	c.Work.Operations += 6 * float64(elements) // as quantize nodes
	c.Work.Bytes += 2 * 4 * float64(elements)
	if bytes := 2 * 4 * float64(elements); bytes <= graph.NearBytes {
		c.NearBytes += bytes
	}
}

// updateWork is that of gradient descent on float32 numbers. Without momentum w and its gradient are read and w written,
// which takes a product and a sum, and as much for the penalty or the norm; momentum is read and written, with as much more.
func updateWork(n *network) qops.Work {
	elements := 0
	for _, q := range n.program.Parameters() {
		elements += q.Value.Size()
	}
	w := qops.Work{Operations: 4 * float64(elements), Bytes: 3 * 4 * float64(elements)}
	if n.momentum {
		w.Operations, w.Bytes = w.Operations*3/2, w.Bytes*5/3
	}
	return w
}

// step makes one.
func (p *profiler) step(ctx context.Context, n *network) error {
	start := time.Now()
	if err := n.step(ctx); err != nil || p == nil {
		return err
	}
	end := time.Now()
	began, ended := p.graph.Last()
	p.steps++
	p.total += end.Sub(start)
	p.batch += began.Sub(start)
	p.update += end.Sub(ended)
	return nil
}

// costs are those of the ops, and of what else is done in the steps, in time of threads.
func (p *profiler) costs(threads int, trains bool) []graph.Cost {
	costs := append(p.graph.Costs(), graph.Cost{Op: IdleOp, Calls: p.steps, Time: p.graph.Idle()})
	if !trains {
		costs[len(costs)-1].Time += time.Duration(threads) * (p.batch + p.update)
		return costs
	}
	update := graph.Cost{Op: OptimizerOp, Calls: p.steps, Time: time.Duration(threads) * p.update}
	update.Work = qops.Work{Operations: p.perUpdate.Operations * float64(p.steps), Bytes: p.perUpdate.Bytes * float64(p.steps)}
	for _, r := range p.roundings {
		update.Time -= r.Time
		costs = append(costs, r)
	}
	return append(costs, update, graph.Cost{Op: BatchOp, Calls: p.steps, Time: time.Duration(threads) * p.batch})
}

// profile is what the steps come to, one of them on average.
func (p *profiler) profile(name string, o Options, b Bounds) Profile {
	steps, threads := float64(p.steps), float64(o.Threads)
	out := Profile{Name: name, StepMS: p.total.Seconds() * 1e3 / steps}
	for _, c := range p.costs(o.Threads, p.perUpdate.Bytes > 0) {
		seconds := c.Time.Seconds() / threads // as if all threads had worked side by side
		r := ProfileRow{
			Op: c.Op, Use: c.Use, Role: c.Role, Calls: float64(c.Calls) / steps, ThreadMS: c.Time.Seconds() * 1e3 / steps,
			Share: seconds / p.total.Seconds(), Elements: float64(c.Elements) / steps,
		}
		if c.Elements > 0 {
			r.NSPerElement = seconds * 1e9 / float64(c.Elements)
		}
		if least, by := b.of(c); seconds > 0 && by != "" {
			r.Bound, r.OfBound = by, least/seconds
			out.OfBound += min(least, seconds) / p.total.Seconds()
			r.GOperations, r.GBytes = c.Work.Operations/seconds/1e9, c.Work.Bytes/seconds/1e9
		}
		if c.Arithmetic != qops.OfTensor {
			r.Arithmetic = c.Arithmetic.String()
		}
		out.Rows = append(out.Rows, r)
	}
	slices.SortStableFunc(out.Rows, func(a, b ProfileRow) int { return cmp.Compare(b.ThreadMS, a.ThreadMS) })
	return out
}

// Quantization is what rounding costs in a step, by role, the most expensive first.
func (p Profile) Quantization() []ProfileRow {
	var out []ProfileRow
	for _, r := range p.Rows {
		if r.Op != graph.QuantizeOp {
			continue
		}
		i := slices.IndexFunc(out, func(other ProfileRow) bool { return other.Role == r.Role })
		if i < 0 {
			i = len(out)
			out = append(out, ProfileRow{Op: r.Op, Role: r.Role})
		}
		sum := &out[i]
		if elements := sum.Elements + r.Elements; elements > 0 {
			sum.NSPerElement = (sum.NSPerElement*sum.Elements + r.NSPerElement*r.Elements) / elements
		}
		sum.Calls += r.Calls
		sum.ThreadMS += r.ThreadMS
		sum.Share += r.Share
		sum.Elements += r.Elements
	}
	slices.SortStableFunc(out, func(a, b ProfileRow) int { return cmp.Compare(b.ThreadMS, a.ThreadMS) })
	return out
}
