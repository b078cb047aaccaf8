package graph

import (
	"maps"
	"unsafe"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// of is the machine that runs a pass: m, or that of evaluation.
func (m *machine) of(pass Pass) *machine {
	if !pass.Evaluation || pass.Backward || m.segments == nil || m.program.seed == nil || m.program.options.observe != nil {
		return m
	}
	if m.evaluation == nil {
		m.evaluation = m.planEvaluation()
	}
	m.evaluation.watchers = m.watchers
	return m.evaluation
}

// planEvaluation returns a machine for forward passes with running statistics: what these decide comes first, so that
// samples go through the network from the first step to the last while they are in the cache, and nothing is kept for a
// backward pass. Its memory is m's, which holds nothing then.
func (m *machine) planEvaluation() *machine {
	e := &machine{program: m.program, arrays: maps.Clone(m.arrays), steps: make([]step, m.forward), forward: m.forward}
	keep := m.program.kept()
	arrays := map[*qops.Array]*qops.Array{}
	for i := range e.steps {
		of, s := &m.steps[i], &e.steps[i]
		*s = *of
		s.twin, s.call.In = of, make([]*qops.Array, len(of.call.In))
		_, s.stored = s.op.(qops.Stored)
		for k, in := range of.call.In {
			switch own := arrays[in]; {
			case s.stored:
				s.call.In[k] = &qops.Array{Shape: in.Shape}
			case own != nil:
				s.call.In[k] = own
			default:
				s.call.In[k] = in
			}
		}
		if !keep[of.node] {
			s.call.Out = &qops.Array{Shape: of.call.Out.Shape, Blocked: of.call.Out.Blocked, Coded: of.call.Out.Coded, Fleeting: of.call.Out.Fleeting}
			arrays[of.call.Out] = s.call.Out
			if !s.relays() {
				e.arrays[of.node] = s.call.Out
			}
		}
	}
	stretches := schedule(e.steps, len(e.steps))
	planMemory(e.steps, stretches, keep, m.memory(keep))
	e.segments = segmentsOf(e.steps, 0, len(e.steps))
	return e
}

// memory is that of all steps' outputs, but what outlives a run.
func (m *machine) memory(keep map[*gorgonia.Node]bool) *pool {
	taken := map[unsafe.Pointer]bool{}
	place := func(a *qops.Array) unsafe.Pointer {
		if a.F64 != nil {
			return unsafe.Pointer(unsafe.SliceData(a.F64))
		}
		return unsafe.Pointer(unsafe.SliceData(a.F32))
	}
	for _, s := range m.steps {
		if keep[s.node] {
			taken[place(s.call.Out)] = true
		}
	}
	var free pool
	for _, s := range m.steps {
		if p := place(s.call.Out); !taken[p] {
			taken[p] = true
			free.take(s.call.Out)
		}
		if p := unsafe.Pointer(unsafe.SliceData(s.call.Out.Bytes)); p != nil && !taken[p] {
			taken[p] = true
			free.takeBytes(s.call.Out)
		}
	}
	return &free
}
