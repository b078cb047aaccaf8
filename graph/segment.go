package graph

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// segment is a stretch of steps that run one behind the other, or, where there is more than one, sample by sample: each
// thread takes a few samples through all of the steps while they are in its cache. Not one bit depends on it.
type segment struct {
	first, end int // steps
	runners    []qops.SampleRunner
	samples    int
	chunk      int            // samples at a time
	again      bool           // an op may find that its samples decide together
	counts     []number.Stats // of quantize nodes before a run, by step

	mutex sync.Mutex
	views [][]qops.View // of threads that do not use them now
}

// Sizes for running by samples, in elements.
const (
	// cachedElements is what a chunk of samples may take of the cache, over all steps of a segment.
	cachedElements = 1 << 17
	// threadElements is the work that is worth a thread of its own.
	threadElements = 1 << 14
)

// segmentsOf cuts the steps from first to end into segments.
func segmentsOf(steps []step, first, end int) []*segment {
	var all []*segment
	for i := first; i < end; {
		s := &segment{first: i, end: i + 1}
		for b := (builder{segment: s, steps: steps}); i < end && b.add(i); {
			i++
		}
		if len(s.runners) > 1 {
			s.end = i
		} else {
			i = s.first + 1
		}
		s.size(steps)
		all = append(all, s)
	}
	return all
}

// builder makes a segment.
type builder struct {
	*segment
	steps    []step
	bySample []*qops.Array // what steps so far read or write sample by sample
	whole    []*qops.Array // what they read or write as a whole
	given    []*qops.Array // what they read sample by sample and did not make
	written  bool          // they write over what they were given
}

// add takes a step into the segment, if it runs by samples and is in nobody's way: what one step reads as a whole, no other
// may write, and memory that serves several arrays has to be cut into the same samples by all of them.
func (b *builder) add(i int) bool {
	c := &b.steps[i].call
	runner, ok := qops.BySamples(b.steps[i].op)
	if !ok || b.steps[i].stored {
		return false
	}
	operands, ok := runner.BySample(c)
	if !ok {
		return false
	}
	var bySample, whole []*qops.Array
	for k, in := range c.In {
		if operands[k] {
			bySample = append(bySample, in)
		} else {
			whole = append(whole, in)
		}
	}
	samples := bySample[0].Shape[0]
	given := slices.Concat(b.given, asRead(b.notMade(bySample)))
	bySample = asRead(bySample)
	reduces := qops.Reduces(b.steps[i].op)
	if reduces { // the output comes with the last sample
		whole = append(whole, c.Out)
	} else {
		bySample = append(bySample, c.Out)
	}
	if samples < 2 || b.samples != 0 && samples != b.samples {
		return false
	}
	for _, a := range bySample {
		if sharesWithAny(a, b.whole) { // with what it reads as a whole itself, no op shares memory
			return false
		}
	}
	for _, a := range whole {
		if sharesWithAny(a, b.bySample) {
			return false
		}
	}
	if readsAny(c.In, b.reduced()) || reduces && sharesWithAny(c.Out, b.whole) {
		return false
	}
	again, written := b.again || b.steps[i].again, b.written || sharesWithAny(c.Out, given)
	if again && written {
		return false
	}
	b.again, b.written, b.given = again, written, given
	b.samples = samples
	b.bySample, b.whole = append(b.bySample, bySample...), append(b.whole, whole...)
	b.runners = append(b.runners, runner)
	return true
}

// asRead are operands with the memory that is read of them, which is that of their codes where values do not last.
func asRead(arrays []*qops.Array) []*qops.Array {
	out := slices.Clone(arrays)
	for i, a := range out {
		if a.Fleeting {
			out[i] = &qops.Array{Shape: a.Shape, Bytes: a.Bytes}
		}
	}
	return out
}

// reduced are the outputs of the segment's reductions, which are there only behind the last sample.
func (b *builder) reduced() []*qops.Array {
	var out []*qops.Array
	for i := range b.runners {
		if s := &b.steps[b.first+i]; qops.Reduces(s.op) {
			out = append(out, s.call.Out)
		}
	}
	return out
}

// notMade are those of some arrays that no step so far makes.
func (b *builder) notMade(arrays []*qops.Array) []*qops.Array {
	var out []*qops.Array
	for _, a := range arrays {
		if !slices.ContainsFunc(b.steps[b.first:b.first+len(b.runners)], func(s step) bool { return s.call.Out == a }) {
			out = append(out, a)
		}
	}
	return out
}

func readsAny(in, arrays []*qops.Array) bool {
	return slices.ContainsFunc(in, func(a *qops.Array) bool { return slices.Contains(arrays, a) })
}

func sharesWithAny(a *qops.Array, others []*qops.Array) bool {
	return slices.ContainsFunc(others, func(b *qops.Array) bool { return shareMemory(a, b) })
}

// shareMemory reports whether two arrays begin at the same place, as those do that take each other's memory.
func shareMemory(a, b *qops.Array) bool {
	return len(a.F32) > 0 && unsafe.SliceData(a.F32) == unsafe.SliceData(b.F32) ||
		len(a.F64) > 0 && unsafe.SliceData(a.F64) == unsafe.SliceData(b.F64) ||
		len(a.Bytes) > 0 && unsafe.SliceData(a.Bytes) == unsafe.SliceData(b.Bytes)
}

// size says how many samples go through the segment at a time.
func (s *segment) size(steps []step) {
	if s.samples == 0 {
		return
	}
	seen := map[unsafe.Pointer]int{}
	for _, step := range steps[s.first:s.end] {
		for _, a := range append([]*qops.Array{step.call.Out}, step.call.In...) {
			if len(a.Shape) >= 2 && a.Shape[0] == s.samples {
				seen[unsafe.Pointer(unsafe.SliceData(a.F32))] = a.Size() / s.samples
			}
		}
	}
	perSample := 0
	for _, n := range seen {
		perSample += n
	}
	s.chunk = max(1, cachedElements/max(1, perSample))
}

// run takes all samples through the segment, or runs its steps one by one where an op finds that its samples decide
// together. Those overwrite nothing that the segment was given.
func (s *segment) run(m *machine) error {
	if !s.again {
		return s.bySample(m)
	}
	if s.counts == nil {
		s.counts = make([]number.Stats, s.end-s.first)
	}
	for i := range s.counts {
		if q, ok := m.steps[s.first+i].op.(*qops.Quantize); ok {
			_, s.counts[i] = q.Counts()
		}
	}
	err := s.bySample(m)
	if !errors.Is(err, qops.ErrWhole) {
		return err
	}
	for i, stats := range s.counts {
		if q, ok := m.steps[s.first+i].op.(*qops.Quantize); ok {
			q.Recount(stats)
		}
	}
	return m.runAgain(s.first, s.end)
}

// bySample takes all samples through the segment.
func (s *segment) bySample(m *machine) error {
	steps := m.steps[s.first:s.end]
	for i, r := range s.runners {
		started := m.started()
		if err := r.BeginSamples(&steps[i].call); err != nil {
			return m.failed(&steps[i], err)
		}
		m.ranOn(steps[i].call.Threads, &steps[i], 0, 0, started)
	}
	var (
		mutex sync.Mutex
		first error
	)
	work := 0
	for i := range steps {
		work += max(steps[i].call.Out.Size(), steps[i].call.In[0].Size()) / s.samples
	}
	// Ranges are shorter than chunks at the end, so that no thread waits long for another.
	grain := max(s.chunk/4, 1+threadElements/max(1, work))
	parallel.Share(s.samples, grain, steps[0].call.Threads, func(w *parallel.Work) {
		if err := s.runSamples(m, w); err != nil {
			mutex.Lock()
			defer mutex.Unlock()
			first = err
		}
	})
	if first != nil {
		return first
	}
	for i, r := range s.runners {
		started := m.started()
		if err := r.EndSamples(&steps[i].call); err != nil {
			return m.failed(&steps[i], err)
		}
		m.ranOn(steps[i].call.Threads, &steps[i], 0, 0, started)
	}
	return nil
}

// runSamples takes samples through the segment, a chunk at a time.
func (s *segment) runSamples(m *machine, w *parallel.Work) error {
	views := s.takeViews()
	defer s.giveViews(views)
	for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
		if err := s.runChunks(m, views, lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// runChunks takes the samples lo to hi through the segment.
func (s *segment) runChunks(m *machine, views []qops.View, lo, hi int) error {
	for lo < hi {
		next := min(hi, lo+s.chunk)
		for i, r := range s.runners {
			step := &m.steps[s.first+i]
			started := m.started()
			if err := r.RunSamples(&step.call, &views[i], lo, next); err != nil {
				return m.failed(step, err)
			}
			m.ran(step, lo, next, started)
		}
		lo = next
	}
	return nil
}

func (s *segment) takeViews() []qops.View {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if n := len(s.views); n > 0 {
		views := s.views[n-1]
		s.views = s.views[:n-1]
		return views
	}
	return make([]qops.View, len(s.runners))
}

func (s *segment) giveViews(views []qops.View) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.views = append(s.views, views)
}
