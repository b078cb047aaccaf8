package graph

import (
	"cmp"
	"slices"
	"sync"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// A recurrent network has thousands of small ops. Divided among threads one by one, they would wait for each other longer
// than they compute. So the steps of such a graph are put in another order, which keeps every step behind those that it
// reads, and are divided among the threads in stages:
//
//   - a stage of rows holds ops that compute a row of their output, one sample, from the same row of their operands (and
//     the whole of others, such as weights). Each thread takes some of the rows through all of the stage: with LSTMs the
//     whole way forward, or the whole way back through time.
//   - a stage of chains holds the rest: groups of steps that do not read each other, such as the sums of gradients of one
//     weight over all steps in time. Each group runs on one thread.
//
// Every op computes what it would compute alone, so no bit depends on it.
type stage struct {
	from, to int // its steps
	rows     int // of a stage of rows, else 0
	byRow    []rowStep
	// Of these, those that run by a sample runner, and the elementwise ones that read what may be elsewhere in each run.
	runners, pointwise []int
	given              []*givenArray // what these read, nil before the first run
	rights             []*rightFactor
	counts             []number.Stats // of quantize nodes before a run
	chains             []chain
	order              []int // of the chains, those that take longest first

	mutex   sync.Mutex
	workers []*rowWorker // that no thread uses now
}

// chain is a range of steps that read each other's outputs and none of the stage's other chains.
type chain struct {
	from, to int
	gradient *gradientChain // how it runs, if it is one
}

// fewestRowSteps is the number of steps by rows below which a graph runs step by step.
const fewestRowSteps = 64

// plan puts the machine's steps in their order, in stages if the graph is one of many small ops, and gives them memory. An
// observer sees the graph's own order.
func (m *machine) plan(keep map[*gorgonia.Node]bool, memory *pool) {
	var stretches []stretch
	if m.program.options.observe == nil {
		if m.stages = arrange(m.steps, m.forward, m.program.options.threads); m.stages != nil {
			planStages(m.steps, m.stages, keep, memory)
			return
		}
		m.recompute()
		m.layOut(keep)
		stretches = schedule(m.steps, m.forward)
	}
	planMemory(m.steps, stretches, keep, memory)
}

// arrange puts the steps in the order of their stages, the first `forward` of them on their own, and returns the stages;
// none where a graph has not enough ops by rows.
func arrange(steps []step, forward, threads int) []*stage {
	a := arrangement{level: map[*qops.Array]int{}, rows: commonRows(steps), threads: max(threads, 1)}
	if a.rows == 0 {
		return nil
	}
	last := a.assign(steps[:forward], 0)
	stages := a.order(steps[:forward], 0)
	a.assign(steps[forward:], last+last%2)
	return append(stages, a.order(steps[forward:], forward)...)
}

// commonRows is the number of rows of most steps that can run by rows, 0 if these are few.
func commonRows(steps []step) int {
	count := map[int]int{}
	best := 0
	for i := range steps {
		if rowOperands(&steps[i]) != nil {
			rows := rowsOf(&steps[i])
			count[rows]++
			if count[rows] > count[best] || count[rows] == count[best] && rows > best {
				best = rows
			}
		}
	}
	if count[best] < fewestRowSteps {
		return 0
	}
	return best
}

// rowOperands tells which operands a step needs only the same row of, nil if it does not run by rows.
func rowOperands(s *step) []bool {
	sums := len(s.call.Out.Shape) == 0 && qops.Reduces(s.op)
	if len(s.call.Out.Shape) != 2 && !sums || s.node.Dtype() != gorgonia.Float32 {
		return nil
	}
	if d, ok := s.op.(*qops.Dense); ok {
		if s.call.Interior != nil {
			return nil // its kernels have threads of their own
		}
		return d.ByRow()
	}
	runner, ok := qops.BySamples(s.op)
	if !ok {
		return nil
	}
	operands, ok := runner.BySample(&s.call)
	if !ok {
		return nil
	}
	return operands
}

// rowsOf is the number of rows that a step runs by: those of its output, or of what it sums over.
func rowsOf(s *step) int {
	if len(s.call.Out.Shape) == 0 {
		return s.call.In[0].Shape[0]
	}
	return s.call.Out.Shape[0]
}

// arrangement gives every step a level: even ones are stages of chains, odd ones stages of rows.
type arrangement struct {
	rows    int
	threads int
	level   map[*qops.Array]int // of what a step makes
}

// assign returns the highest level, given the lowest.
func (a *arrangement) assign(steps []step, lowest int) int {
	highest := lowest
	for i := range steps {
		s := &steps[i]
		byRow := a.byRow(s)
		level := lowest
		for j, in := range s.call.In {
			l := a.level[in]
			if l%2 == 1 && (byRow == nil || !byRow[j]) {
				l++ // all rows must be there
			}
			level = max(level, l)
		}
		if (level%2 == 1) != (byRow != nil) {
			level++
		}
		a.level[s.call.Out] = level
		highest = max(highest, level)
	}
	return highest
}

func (a *arrangement) byRow(s *step) []bool {
	if operands := rowOperands(s); operands != nil && rowsOf(s) == a.rows {
		return operands
	}
	return nil
}

// order sorts the steps by level, and those of a stage of chains by chain; first is the index of the first one.
func (a *arrangement) order(steps []step, first int) []*stage {
	slices.SortStableFunc(steps, func(s, t step) int { return a.level[s.call.Out] - a.level[t.call.Out] })
	var stages []*stage
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && a.level[steps[to].call.Out] == a.level[steps[from].call.Out] {
			to++
		}
		st := &stage{from: first + from, to: first + to}
		if a.level[steps[from].call.Out]%2 == 1 {
			st.rows = a.rows
			st.prepareRows(steps[from:to], joinProducts(steps[from:to], (a.rows+a.threads-1)/a.threads))
		} else {
			st.chains = joinChains(steps[from:to], first+from)
			st.order = longestFirst(steps, first, st.chains)
			if len(st.chains) > 1 {
				for i := from; i < to; i++ {
					steps[i].call.Threads = 1
				}
			}
		}
		stages = append(stages, st)
		from = to
	}
	return stages
}

// joinChains sorts the steps of a stage by chain, chains in the order of their first steps.
func joinChains(steps []step, first int) []chain {
	parent := make([]int, len(steps))
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	makers := map[*qops.Array]int{}
	for i := range steps {
		parent[i] = i
		for _, in := range steps[i].call.In {
			if maker, ok := makers[in]; ok {
				a, b := find(i), find(maker)
				parent[max(a, b)] = min(a, b) // so that a root is the first of its chain
			}
		}
		makers[steps[i].call.Out] = i
	}
	members := make([][]step, len(steps))
	for i := range steps {
		root := find(i)
		members[root] = append(members[root], steps[i])
	}
	var chains []chain
	at := 0
	for _, group := range members {
		if len(group) > 0 {
			copy(steps[at:], group)
			chains = append(chains, chain{from: first + at, to: first + at + len(group)})
			at += len(group)
		}
	}
	return chains
}

// longestFirst orders chains by what they take, so that threads end at about the same time.
func longestFirst(steps []step, first int, chains []chain) []int {
	order, work := make([]int, len(chains)), make([]float64, len(chains))
	for i, c := range chains {
		order[i] = i
		for _, s := range steps[c.from-first : c.to-first] {
			for _, in := range s.call.In {
				work[i] += float64(elementsOf(in))
			}
			if _, ok := s.op.(*qops.Dense); ok {
				work[i] += float64(elementsOf(s.call.In[0])) * float64(s.call.Out.Shape[1])
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(work[b], work[a]) })
	return order
}
