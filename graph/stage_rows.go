package graph

import (
	"slices"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// rowStep is how a step of a stage of rows runs: one of these. A run reads them one behind the other, and of the steps
// themselves as little as it can, which are too many to be in the cache.
type rowStep struct {
	pointwise *qops.Pointwise
	products  *qops.RowProducts
	runner    qops.SampleRunner
	together  together
	product   *qops.RowProduct
}

// rightFactor is a matrix on the right of products, which share what is known of it.
type rightFactor struct {
	factor   qops.RightFactor
	products []int // steps of the stage
}

// rowWorker is the memory of a thread in a stage of rows: views by number of operands, and packed factors.
type rowWorker struct {
	views map[int]*qops.View
	lefts qops.LeftFactors
}

// prepareRows readies a stage of rows for its runs. Products that read one matrix in one way share it; from each step on so
// many run together.
func (st *stage) prepareRows(steps []step, joined []together) {
	rights := map[factor]*rightFactor{}
	st.byRow = make([]rowStep, len(steps))
	pointwise := make([]qops.Pointwise, 0, len(steps))
	for i := range steps {
		s, b := &steps[i], &st.byRow[i]
		b.together = joined[i]
		if f, ok := factorOf(s); ok {
			if rights[f] == nil {
				rights[f] = &rightFactor{}
				st.rights = append(st.rights, rights[f])
			}
			rights[f].products = append(rights[f].products, i)
			if b.product == nil {
				st.prepareProducts(steps, i)
			}
			continue
		}
		p := qops.Pointwise{}
		if !p.Bind(s.op, &s.call) {
			b.runner, _ = qops.BySamples(s.op)
			st.runners = append(st.runners, i)
			continue
		}
		pointwise = append(pointwise, p)
		b.pointwise = &pointwise[len(pointwise)-1]
		st.pointwise = append(st.pointwise, i)
	}
}

// prepareProducts readies products that run together, of which the first is given.
func (st *stage) prepareProducts(steps []step, first int) {
	b := &st.byRow[first]
	calls := make([]*qops.Call, b.together.steps)
	for k := range calls {
		calls[k] = &steps[first+k].call
	}
	b.products = qops.NewRowProducts(calls, b.together.lefts)
	for k := range calls {
		st.byRow[first+k].product = b.products.Product(k)
	}
}

// bind binds the elementwise steps to the memory of their arrays: all of them in the first run, later those that read an
// input or a parameter of the model, if one of these has other memory than before.
func (st *stage) bind(m *machine) {
	first := st.given == nil
	if !first && !slices.ContainsFunc(st.given, (*givenArray).moved) {
		return
	}
	var moving []int
	known := map[*qops.Array]bool{}
	st.given = make([]*givenArray, 0)
	for _, i := range st.pointwise {
		s := &m.steps[st.from+i]
		st.byRow[i].pointwise.Bind(s.op, &s.call)
		for k, in := range operands(s.node) {
			if a := s.call.In[k]; in.Op() == nil {
				moving = append(moving, i)
				if !known[a] {
					known[a] = true
					st.given = append(st.given, &givenArray{a, unsafe.SliceData(a.F32)})
				}
			}
		}
	}
	st.pointwise = moving
}

// givenArray is one that no step makes, and where it was.
type givenArray struct {
	array *qops.Array
	at    *float32
}

func (g *givenArray) moved() bool { return unsafe.SliceData(g.array.F32) != g.at }

// tryRows returns qops.ErrWhole where rows decide together.
func (st *stage) tryRows(m *machine) error {
	if err := st.begin(m); err != nil {
		return err
	}
	var first failure
	parallel.ForEvenly(st.rows, 1, m.program.options.threads, func(lo, hi int) {
		if err := st.someRows(m, lo, hi); err != nil {
			first.note(err)
		}
	})
	if err := first.error(); err != nil {
		return err
	}
	return st.each(m, func(i int, s *step) error { return st.byRow[i].runner.EndSamples(&s.call) })
}

// begin readies all steps for their rows: first the quantize nodes, which know what grids factors lie on, then products.
func (st *stage) begin(m *machine) error {
	st.bind(m)
	if st.counts == nil {
		st.counts = make([]number.Stats, st.to-st.from)
	}
	err := st.each(m, func(i int, s *step) error {
		if q, ok := s.op.(*qops.Quantize); ok {
			_, st.counts[i] = q.Counts()
		}
		return st.byRow[i].runner.BeginSamples(&s.call)
	})
	if err != nil {
		return err
	}
	var first failure
	parallel.For(len(st.rights), 1, m.program.options.threads, func(lo, hi int) {
		for _, r := range st.rights[lo:hi] {
			if err := st.beginProducts(m, r); err != nil {
				first.note(err)
			}
		}
	})
	return first.error()
}

func (st *stage) beginProducts(m *machine, r *rightFactor) error {
	r.factor.Renew()
	for _, i := range r.products {
		s, started := &m.steps[st.from+i], m.started()
		if err := s.op.(*qops.Dense).BeginRows(&s.call, st.byRow[i].product, &r.factor); err != nil {
			return m.failed(s, err)
		}
		m.ran(s, 0, 0, started)
	}
	return nil
}

// each calls a function for every step that has something to do in front of its rows or behind them.
func (st *stage) each(m *machine, do func(i int, s *step) error) error {
	const grain = 64
	var first failure
	parallel.For(len(st.runners), grain, m.program.options.threads, func(lo, hi int) {
		for _, i := range st.runners[lo:hi] {
			s, started := &m.steps[st.from+i], m.started()
			if err := do(i, s); err != nil {
				first.note(m.failed(s, err))
				return
			}
			m.ran(s, 0, 0, started)
		}
	})
	return first.error()
}

// someRows takes the rows lo to hi through all steps.
func (st *stage) someRows(m *machine, lo, hi int) error {
	w := st.worker()
	defer st.release(w)
	for i := 0; i < len(st.byRow); i += st.byRow[i].together.steps {
		b, started := &st.byRow[i], m.started()
		var err error
		switch {
		case b.pointwise != nil:
			b.pointwise.Run(lo, hi)
		case b.products != nil:
			err = b.products.RunRows(&w.lefts, lo, hi)
		default:
			c := &m.steps[st.from+i].call
			err = b.runner.RunSamples(c, w.view(len(c.In)), lo, hi)
		}
		if err != nil {
			return m.failed(&m.steps[st.from+i], err)
		}
		if len(m.watchers) > 0 {
			m.ranTogether(m.steps[st.from+i:][:b.together.steps], lo, hi, started)
		}
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
