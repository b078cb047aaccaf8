package graph

import (
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops"
)

// runStages runs the stages of the leading steps.
func (m *machine) runStages(count int) error {
	for _, st := range m.stages {
		if st.from >= count {
			break
		}
		run := st.runChains
		if st.rows > 0 {
			run = st.runRows
		}
		if err := run(m); err != nil {
			return err
		}
	}
	return nil
}

// runChains runs a stage of chains, each on one thread, those that take longest first; a chain that is alone has all threads.
func (st *stage) runChains(m *machine) error {
	var next atomic.Int64
	var first failure
	workers := min(m.program.options.threads, len(st.chains))
	parallel.For(workers, 1, workers, func(int, int) {
		for i := int(next.Add(1)) - 1; i < len(st.order); i = int(next.Add(1)) - 1 {
			c := &st.chains[st.order[i]]
			from, started := c.from, m.started()
			if g := c.gradient; g != nil && g.sum.Run(g.out, g.products) {
				m.ranWhole(&m.steps[g.end-1], started)
				from = g.end
			}
			if err := m.runRange(from, c.to); err != nil {
				first.note(err)
				return
			}
		}
	})
	return first.error()
}

// failure is the first error that a number of threads found.
type failure struct{ first atomic.Pointer[error] }

func (f *failure) note(err error) { f.first.CompareAndSwap(nil, &err) }

func (f *failure) error() error {
	if err := f.first.Load(); err != nil {
		return *err
	}
	return nil
}

// runRange runs steps one by one.
func (m *machine) runRange(from, to int) error {
	for i := from; i < to; i++ {
		if err := m.runStep(&m.steps[i]); err != nil {
			return err
		}
	}
	return nil
}

// runAgain runs steps one by one that would have run by samples.
func (m *machine) runAgain(from, to int) error {
	if err := m.runRange(from, to); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if s := &m.steps[i]; qops.Reduces(s.op) {
			m.ran(s, 0, 0, m.started()) // which says that their sums are there
		}
	}
	return nil
}

// runRows runs a stage of rows, or its steps one by one where an op finds that its rows decide together.
func (st *stage) runRows(m *machine) error {
	err := st.tryRows(m)
	if !errors.Is(err, qops.ErrWhole) {
		return err
	}
	for i, stats := range st.counts {
		if q, ok := m.steps[st.from+i].op.(*qops.Quantize); ok {
			q.Recount(stats)
		}
	}
	return m.runAgain(st.from, st.to)
}
