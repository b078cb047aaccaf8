package graph

import (
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// rowStep is how a step of a stage of rows runs: as a dense op with its right factor, or as any other one.
type rowStep struct {
	dense   *qops.Dense
	product qops.RowProduct
	right   *qops.RightFactor
	runner  qops.SampleRunner
}

// rowWorker is the memory of a thread in a stage of rows: views by number of operands, and packed factors.
type rowWorker struct {
	views map[int]*qops.View
	lefts qops.LeftFactors
}

// prepareRows readies a stage of rows for its runs. Products that read one matrix in one way share it.
func (st *stage) prepareRows(steps []step) {
	type reading struct {
		of         *qops.Array
		transposed bool
	}
	rights := map[reading]*qops.RightFactor{}
	for i := range steps {
		dense, ok := steps[i].op.(*qops.Dense)
		if !ok {
			runner, _ := qops.BySamples(steps[i].op)
			st.byRow = append(st.byRow, rowStep{runner: runner})
			continue
		}
		r := reading{steps[i].call.In[1], dense.TransB}
		if rights[r] == nil {
			rights[r] = &qops.RightFactor{}
			st.rights = append(st.rights, rights[r])
		}
		st.byRow = append(st.byRow, rowStep{dense: dense, right: rights[r]})
	}
}

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

// runChains runs a stage of chains, each on one thread; a chain that is alone has all of them.
func (st *stage) runChains(m *machine) error {
	var next atomic.Int64
	var first atomic.Pointer[error]
	workers := min(m.program.options.threads, len(st.chains))
	kernel.Parallel(workers, 1, workers, func(int, int) {
		for i := int(next.Add(1)) - 1; i < len(st.chains); i = int(next.Add(1)) - 1 {
			c := &st.chains[i]
			from, started := c.from, m.started()
			if g := c.gradient; g != nil && g.sum.Run(g.out, g.products) {
				m.ranWhole(&m.steps[g.end-1], started)
				from = g.end
			}
			if err := m.runRange(from, c.to); err != nil {
				first.CompareAndSwap(nil, &err)
				return
			}
		}
	})
	if err := first.Load(); err != nil {
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
	counted := st.counted(m)
	err := st.tryRows(m)
	if !errors.Is(err, qops.ErrWhole) {
		return err
	}
	for i, stats := range counted {
		if q, ok := m.steps[st.from+i].op.(*qops.Quantize); ok {
			q.Recount(stats)
		}
	}
	return m.runAgain(st.from, st.to)
}

// counted are the counts of the stage's quantize nodes so far, by step.
func (st *stage) counted(m *machine) []number.Stats {
	if st.counts == nil {
		st.counts = make([]number.Stats, st.to-st.from)
	}
	for i := range st.counts {
		if q, ok := m.steps[st.from+i].op.(*qops.Quantize); ok {
			_, st.counts[i] = q.Counts()
		}
	}
	return st.counts
}

func (st *stage) tryRows(m *machine) error {
	steps := m.steps[st.from:st.to]
	for _, r := range st.rights {
		r.Renew()
	}
	for i := range st.byRow {
		b, s := &st.byRow[i], &steps[i]
		started := m.started()
		var err error
		if b.dense != nil {
			err = b.dense.BeginRows(&s.call, &b.product, b.right)
		} else {
			err = b.runner.BeginSamples(&s.call)
		}
		if err != nil {
			return m.failed(s, err)
		}
		m.ran(s, 0, 0, started)
	}
	var first atomic.Pointer[error]
	kernel.ParallelEvenly(st.rows, 1, m.program.options.threads, func(lo, hi int) {
		if err := st.someRows(m, lo, hi); err != nil {
			first.CompareAndSwap(nil, &err)
		}
	})
	if err := first.Load(); err != nil {
		return *err
	}
	for i := range st.byRow {
		if r := st.byRow[i].runner; r != nil {
			started := m.started()
			if err := r.EndSamples(&steps[i].call); err != nil {
				return m.failed(&steps[i], err)
			}
			m.ran(&steps[i], 0, 0, started)
		}
	}
	return nil
}

// someRows takes the rows lo to hi through all steps.
func (st *stage) someRows(m *machine, lo, hi int) error {
	w := st.worker()
	defer st.release(w)
	for i := range st.byRow {
		b, s := &st.byRow[i], &m.steps[st.from+i]
		started := m.started()
		var err error
		if b.dense != nil {
			err = b.dense.RunRows(&s.call, &b.product, &w.lefts, lo, hi)
		} else {
			err = b.runner.RunSamples(&s.call, w.view(len(s.call.In)), lo, hi)
		}
		if err != nil {
			return m.failed(s, err)
		}
		m.ran(s, lo, hi, started)
	}
	return nil
}

func (w *rowWorker) view(operands int) *qops.View {
	if w.views[operands] == nil {
		w.views[operands] = &qops.View{}
	}
	return w.views[operands]
}

func (st *stage) worker() *rowWorker {
	st.mutex.Lock()
	defer st.mutex.Unlock()
	if n := len(st.workers); n > 0 {
		w := st.workers[n-1]
		st.workers = st.workers[:n-1]
		return w
	}
	return &rowWorker{views: map[int]*qops.View{}}
}

func (st *stage) release(w *rowWorker) {
	w.lefts.Renew()
	st.mutex.Lock()
	defer st.mutex.Unlock()
	st.workers = append(st.workers, w)
}
