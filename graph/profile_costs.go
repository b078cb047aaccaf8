package graph

import (
	"cmp"
	"slices"
	"time"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// QuantizeOp is the op of a Cost of quantize nodes.
const QuantizeOp = "quantize"

// Cost is what the ops of one kind took in the runs of a profile.
type Cost struct {
	// Op is the kind of the ops: conv, relu, ..., with the point of those that are inside of a compound op, such as
	// batchnorm.mean; QuantizeOp for quantize nodes.
	Op string
	// Use is forward, backward-data or backward-weight, as policies call it.
	Use string
	// Role is that of the tensors which quantize nodes round; empty for other ops.
	Role policy.Role
	// Arithmetic is what products ran in.
	Arithmetic qops.Arithmetic
	// Wide is set where the tensors are float64.
	Wide bool
	// Calls counts executions, an op that ran in parts as one.
	Calls int
	// Elements is the number of elements that they computed.
	Elements int
	// Time is that of all threads.
	Time time.Duration
	// Work is what the ops take at the least. NearBytes of its bytes belong to executions whose arrays fit the cache of a
	// processor core, all together.
	Work      qops.Work
	NearBytes float64
}

// NearBytes bounds the arrays of an execution that may all be in the second-level cache of a core, which has from 256 KiB to 2
// MiB.
const NearBytes = 512 << 10

// Costs are those of all kinds of ops that ran, the most expensive first.
func (f *Profile) Costs() []Cost {
	type kind struct {
		op, use    string
		role       policy.Role
		arithmetic qops.Arithmetic
		wide       bool
	}
	of := map[kind]*Cost{}
	var order []*Cost
	fused := f.machine.fusedSteps()
	for i := range f.machine.steps {
		s, times := &f.machine.steps[i], f.times(i)
		if times == 0 {
			continue
		}
		named := s
		if as := fused[s]; as != nil {
			named = as
		}
		k := kind{op: named.op.Kind(), arithmetic: qops.RanIn(named.op), wide: s.call.Out.F64 != nil}
		if point := named.op.Point(); point != "out" && point != "" {
			k.op += "." + point
		}
		if info := f.machine.program.placed.info[named.node]; info != nil {
			k.use = info.point.Use
			if named.op.Kind() == QuantizeOp {
				k.role = info.point.Role
			}
		}
		c := of[k]
		if c == nil {
			c = &Cost{Op: k.op, Use: k.use, Role: k.role, Arithmetic: k.arithmetic, Wide: k.wide}
			of[k] = c
			order = append(order, c)
		}
		c.Calls += times
		c.Elements += times * s.call.Out.Size()
		c.Time += time.Duration(f.spent[s].Load())
		if _, ok := s.op.(qops.Stored); ok {
			times -= f.evaluations // in which there is nothing to compute
		}
		work := qops.WorkOf(s.op, &s.call)
		c.Work.Operations += float64(times) * work.Operations
		c.Work.Bytes += float64(times) * work.Bytes
		if work.Bytes <= NearBytes {
			c.NearBytes += float64(times) * work.Bytes
		}
	}
	slices.SortStableFunc(order, func(a, b *Cost) int { return cmp.Compare(b.Time, a.Time) })
	out := make([]Cost, len(order))
	for i, c := range order {
		out[i] = *c
	}
	return out
}

// fusedSteps maps steps that run together to the one whose op they are counted as: sums of the products that are the
// gradient of one weight to the first of these.
func (m *machine) fusedSteps() map[*step]*step {
	fused := map[*step]*step{}
	for _, st := range m.stages {
		for _, c := range st.chains {
			if c.gradient == nil {
				continue
			}
			for i := c.from; i < c.gradient.end; i++ {
				fused[&m.steps[i]] = &m.steps[c.from]
			}
		}
	}
	return fused
}
