package graph

import (
	"container/heap"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
)

// stretch is a range of steps that are meant to run sample by sample together: a segment, if their memory allows.
type stretch struct{ first, end int }

// schedule puts the leading steps, and those behind them, in an order in which steps that run by samples follow each other
// as far as they can, every step behind those that it reads. A step that does not, such as the quantization of a weight
// or a weight's gradient, runs as soon as its operands are there. It returns the stretches, in order, of all steps.
func schedule(steps []step, forward int) []stretch {
	batch := batchOf(steps)
	stretches := newScheduler(steps[:forward], batch).run(0)
	return append(stretches, newScheduler(steps[forward:], batch).run(forward)...)
}

// sampling is how a step runs by samples: how many there are, and which operands a sample needs only the same one of.
type sampling struct {
	samples  int
	operands []bool
}

// samplingOf returns no samples for a step that runs as a whole.
func samplingOf(s *step) sampling {
	runner, ok := qops.BySamples(s.op)
	if !ok || s.stored {
		return sampling{}
	}
	operands, ok := runner.BySample(&s.call)
	if !ok {
		return sampling{}
	}
	for k, in := range s.call.In {
		if operands[k] {
			return sampling{in.Shape[0], operands}
		}
	}
	return sampling{}
}

// batchOf is the number of samples that most elements come in.
func batchOf(steps []step) int {
	elements := map[int]int{}
	batch := 0
	for i := range steps {
		s := samplingOf(&steps[i])
		if s.samples < 2 {
			continue
		}
		elements[s.samples] += elementsOf(steps[i].call.Out)
		if n := elements[s.samples]; n > elements[batch] || n == elements[batch] && s.samples > batch {
			batch = s.samples
		}
	}
	return batch
}

func elementsOf(a *qops.Array) int {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	return n
}

// scheduler sorts steps that follow each other.
type scheduler struct {
	steps     []step
	samplings []sampling // with no samples for steps that run as a whole
	readers   [][]int
	missing   []int // operands that are not there yet
	whole     intHeap
	bySample  intHeap
	order     []int
}

func newScheduler(steps []step, batch int) *scheduler {
	s := &scheduler{steps: steps, samplings: make([]sampling, len(steps)), readers: make([][]int, len(steps)), missing: make([]int, len(steps))}
	makers := map[*qops.Array]int{}
	for i := range steps {
		if of := samplingOf(&steps[i]); of.samples == batch {
			s.samplings[i] = of
		}
		for _, in := range steps[i].call.In {
			if maker, ok := makers[in]; ok {
				s.readers[maker] = append(s.readers[maker], i)
				s.missing[i]++
			}
		}
		makers[steps[i].call.Out] = i
	}
	for i, n := range s.missing {
		if n == 0 {
			s.ready(i)
		}
	}
	return s
}

// ready notes that all operands of a step are there.
func (s *scheduler) ready(i int) {
	if s.samplings[i].samples > 0 {
		heap.Push(&s.bySample, i)
	} else {
		heap.Push(&s.whole, i)
	}
}

// run sorts the steps, and returns their stretches, the first of which begins at the given step.
func (s *scheduler) run(from int) []stretch {
	var stretches []stretch
	for len(s.order) < len(s.steps) {
		first := len(s.order)
		if s.whole.Len() > 0 {
			i := heap.Pop(&s.whole).(int)
			s.order = append(s.order, i)
			for _, reader := range s.readers[i] {
				if s.missing[reader]--; s.missing[reader] == 0 {
					s.ready(reader)
				}
			}
		} else {
			s.stretch()
		}
		stretches = append(stretches, stretch{from + first, from + len(s.order)})
	}
	sorted := make([]step, len(s.steps))
	for place, i := range s.order {
		sorted[place] = s.steps[i]
	}
	copy(s.steps, sorted)
	return stretches
}

// stretch takes all steps by samples that are ready, and those that become so by samples.
func (s *scheduler) stretch() {
	made := map[*qops.Array]bool{} // what its steps make, and whether it comes by samples
	var later []int
	for s.bySample.Len() > 0 {
		i := heap.Pop(&s.bySample).(int)
		s.order = append(s.order, i)
		made[s.steps[i].call.Out] = !qops.Reduces(s.steps[i].op)
		for _, reader := range s.readers[i] {
			if s.missing[reader]--; s.missing[reader] > 0 {
				continue
			}
			if s.joins(reader, made) {
				heap.Push(&s.bySample, reader)
			} else {
				later = append(later, reader)
			}
		}
	}
	for _, i := range later {
		s.ready(i)
	}
}

// joins reports whether a step can run by samples together with those that make some of its operands.
func (s *scheduler) joins(i int, made map[*qops.Array]bool) bool {
	of := s.samplings[i]
	if of.samples == 0 {
		return false
	}
	for k, in := range s.steps[i].call.In {
		if comes, here := made[in]; here && (!comes || !of.operands[k]) {
			return false
		}
	}
	return true
}

// prolong lets arrays live as long as the stretch that reads them: those that its steps read as a whole and, since a
// stretch with a product may have to run again, those that it was given. Segments are safe without it, but a step that was
// given such memory would end the stretch's segment, see builder.
func prolong(steps []step, stretches []stretch, last map[*qops.Array]int) {
	for _, st := range stretches {
		if st.end-st.first < 2 {
			continue
		}
		made := map[*qops.Array]bool{}
		again := false
		for _, s := range steps[st.first:st.end] {
			made[s.call.Out] = true
			again = again || s.again
		}
		for i := st.first; i < st.end; i++ {
			of := samplingOf(&steps[i])
			for k, in := range steps[i].call.In {
				if !of.operands[k] || again && !made[in] || qops.SumsCodesBySample(steps[i].op, &steps[i].call) {
					last[in] = max(last[in], st.end-1)
				}
			}
		}
	}
}

// mayDecideTogether reports whether samples may find that they decide together how a sum of products is taken. They do not
// where the formats alone make it exact in any order, nor where it takes no formats.
func (p *Program) mayDecideTogether(n *gorgonia.Node, floatSum bool) bool {
	op, sums := n.Op().(qops.Summing)
	if !sums || floatSum {
		return false
	}
	c, _ := p.certificate(n, op, false)
	return !c.Exact || c.Codes || c.Spread || c.Sum != kernel.Sequence
}

// intHeap has its lowest number at the front.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
