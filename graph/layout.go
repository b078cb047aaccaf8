package graph

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
)

// layout decides which tensors lie in blocks of 16 channels; see qops.Array. Steps that can run on blocks, and make and read
// each other's tensors, are a group: either all of them do, or none. What lies between a group and other steps is moved from
// one layout to the other by a step of its own.
type layout struct {
	steps  []step
	blocks []onBlocks          // how steps run on blocks
	makers map[*qops.Array]int // by step
	group  []int               // leads to the first step of a step's group
}

// onBlocks is how a step runs on blocks: which operands it reads so, and whether it makes such an output.
type onBlocks struct {
	operands []bool
	out, ok  bool
	codes    bool // sums of products are taken over codes of 8 bits
}

// workPerMoved is the number of multiply-adds on blocks that pay for moving one element from one layout to the other.
const workPerMoved = 512

// layOut puts tensors in blocks where that pays, and adds the steps that move them.
func (m *machine) layOut(keep map[*gorgonia.Node]bool) {
	how := m.program.options.blocks
	if how == blocksNowhere || how == blocksWherePaid && !kernel.FastBlocks() {
		return
	}
	l := &layout{steps: m.steps, blocks: make([]onBlocks, len(m.steps)), makers: map[*qops.Array]int{}, group: make([]int, len(m.steps))}
	for i := range m.steps {
		l.group[i] = i
		l.blocks[i] = m.program.blocksOf(&m.steps[i], keep)
		for k, in := range m.steps[i].call.In {
			if j, ok := l.makers[in]; ok && l.blocks[i].reads(k) && l.blocks[j].makes() {
				l.group[l.first(i)] = l.first(j)
			}
		}
		l.makers[m.steps[i].call.Out] = i
	}
	l.choose(how == blocksEverywhere)
	m.relay(l)
	m.encode(keep)
}

func (b *onBlocks) reads(k int) bool { return b.ok && b.operands[k] }
func (b *onBlocks) makes() bool      { return b.ok && b.out }

// blocksOf is how a step can run on blocks. What outlives a run lies in planes.
func (p *Program) blocksOf(s *step, keep map[*gorgonia.Node]bool) (b onBlocks) {
	if s.node.Dtype() != tensor.Float32 {
		return b
	}
	b.operands, b.out, b.ok = qops.TakesBlocks(s.op, &s.call)
	if conv, ok := s.op.(*qops.Conv); ok && b.ok && !s.call.FloatSum && !slices.ContainsFunc(operands(s.node), isPlain) {
		_, in := p.certificate(s.node, conv, false)
		b.codes = in == qops.Int8 && conv.TakesCodesInBlocks()
		b.ok = b.codes // other exact sums have kernels on planes
	}
	b.ok = b.ok && !(b.out && keep[s.node])
	return b
}

// isPlain reports that a tensor surely has no grid: sums of products over it are taken in its type.
func isPlain(n *gorgonia.Node) bool {
	switch n.Op().(type) {
	case nil, *qops.Conv, *qops.ReLU, *qops.ReLUGrad, *qops.Binary, *qops.NormaliseGrad, *qops.ScaleShift, *qops.Scale, *qops.BiasAdd:
		return true
	}
	return false
}

// first is the first step of a step's group.
func (l *layout) first(i int) int {
	for l.group[i] != i {
		l.group[i] = l.group[l.group[i]]
		i = l.group[i]
	}
	return i
}

// choose leaves only the groups on blocks whose convolutions pay for what is moved.
func (l *layout) choose(all bool) {
	work := map[int]float64{}
	for i := range l.steps {
		s, b := &l.steps[i], &l.blocks[i]
		if b.ok {
			if conv, ok := s.op.(*qops.Conv); ok {
				work[l.first(i)] += conv.Operations(&s.call) / 2
			}
		}
	}
	l.eachMove(func(from, to int, a *qops.Array) {
		for _, i := range []int{from, to} {
			if i >= 0 && l.blocks[i].ok {
				work[l.first(i)] -= workPerMoved * float64(elementsOf(a))
			}
		}
	})
	for i := range l.steps {
		l.blocks[i].ok = l.blocks[i].ok && (all || work[l.first(i)] > 0)
	}
}

// eachMove calls f for every tensor that is made in one layout and read in the other: once, with the step that makes it, -1
// for an input, and the first one that reads it so.
func (l *layout) eachMove(f func(from, to int, a *qops.Array)) {
	seen := map[*qops.Array]bool{}
	for i := range l.steps {
		for k, a := range l.steps[i].call.In {
			j, made := l.makers[a]
			if !made {
				j = -1
			}
			if l.blocks[i].reads(k) != (made && l.blocks[j].makes()) && !seen[a] {
				seen[a] = true
				f(j, i, a)
			}
		}
	}
}

// relay marks the tensors in blocks, and puts steps that move tensors in front of the first step that reads them so.
func (m *machine) relay(l *layout) {
	other := map[*qops.Array]*qops.Array{} // of a tensor, in the layout that it is not made in
	before := map[int][]step{}
	for i := range l.steps {
		s := &l.steps[i]
		s.call.Out.Blocked, s.call.Codes = l.blocks[i].makes(), l.blocks[i].codes && l.blocks[i].ok
		s.again = s.again && (l.blocks[i].codes || !l.blocks[i].ok) // sums of other numbers are all taken in the same way
	}
	nodes := map[*qops.Array]*gorgonia.Node{}
	for n, a := range m.arrays {
		nodes[a] = n
	}
	l.eachMove(func(_, to int, a *qops.Array) {
		s := step{node: nodes[a], op: qops.NewRelayout(a.Shape)}
		s.call.Threads, s.call.In = l.steps[to].call.Threads, []*qops.Array{a}
		s.call.Out = &qops.Array{Shape: a.Shape, Blocked: !a.Blocked}
		other[a] = s.call.Out
		before[to] = append(before[to], s)
	})
	steps, forward := make([]step, 0, len(m.steps)+len(other)), m.forward
	for i, s := range m.steps {
		steps = append(steps, before[i]...)
		if i < m.forward {
			forward += len(before[i])
		}
		for k, a := range s.call.In {
			if moved := other[a]; moved != nil && l.blocks[i].reads(k) != a.Blocked {
				s.call.In[k] = moved
			}
		}
		steps = append(steps, s)
	}
	m.steps, m.forward = steps, forward
}

// encode asks the quantize nodes whose tensors are summed over codes of 8 bits in blocks for these, and lets values go that
// nobody else reads.
func (m *machine) encode(keep map[*gorgonia.Node]bool) {
	others := map[*qops.Array]bool{} // have readers that need values
	for i := range m.steps {
		s := &m.steps[i]
		for _, a := range s.call.In {
			if a.Coded = s.call.Codes && a.Blocked || a.Coded; !s.call.Codes {
				others[a] = true
			}
		}
	}
	for i := range m.steps {
		s, a := &m.steps[i], m.steps[i].call.Out
		q, ok := s.op.(*qops.Quantize)
		a.Coded = a.Coded && ok && q.TakesCodes()
		a.Fleeting = a.Coded && q.DoesWithCodes() && !others[a] && !keep[s.node]
	}
	for i := range m.steps {
		s := &m.steps[i]
		s.again = s.again || qops.SumsCodesBySample(s.op, &s.call)
	}
}

// relays reports that a step moves a tensor from one layout to the other. Its node is the one that made the tensor.
func (s *step) relays() bool {
	_, ok := s.op.(*qops.Relayout)
	return ok
}
