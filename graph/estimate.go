package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/qops"
)

// Memory is about what a program takes, in bytes, apart from the model's own inputs and parameters: the tensors of its plan,
// the codes and marks that quantize nodes keep, and WithParanoid those of the reference. The plan shares memory among
// tensors; what kernels use on the way, a few megabytes, does not count.
type Memory struct{ Planned, Reference int64 }

// Total is the sum.
func (m Memory) Total() int64 { return m.Planned + m.Reference }

// WithMemory calls check with what the program will take, before it takes it. An error of check is Compile's.
func WithMemory(check func(Memory) error) Option { return func(o *options) { o.memory = check } }

// checkMemory asks the option WithMemory whether the program may have its memory.
func (p *Program) checkMemory(forwardNodes int) error {
	if p.options.memory == nil {
		return nil
	}
	whole := p.unplanned()
	m := Memory{Planned: whole}
	if !p.options.reference {
		m.Planned = p.planned(forwardNodes)
	}
	if p.options.paranoid {
		m.Reference = whole
	}
	return p.options.memory(m)
}

// bytesOf is the size of a node's tensor.
func bytesOf(n *gorgonia.Node) int64 {
	return int64(n.Dtype().Size()) * int64(elements(n.Shape()))
}

// keptBytes is what a quantize node keeps of its tensor from run to run: codes as integers and in float64, and marks.
func keptBytes(n *gorgonia.Node) int64 {
	q, ok := n.Op().(*qops.Quantize)
	if !ok {
		return 0
	}
	size, bytes := int64(elements(n.Shape())), int64(0)
	if q.Format.Kind() == "int" {
		bytes += 12 * size
	}
	if q.MarkClipped {
		bytes += size
	}
	return bytes
}

// unplanned is what a reference takes.
func (p *Program) unplanned() int64 {
	bytes := int64(0)
	for _, n := range p.placed.nodes {
		if n.Op() != nil {
			bytes += bytesOf(n) + keptBytes(n)
		}
	}
	return bytes
}

// planned is what the plan of a machine takes: that of steps that get no memory.
func (p *Program) planned(forwardNodes int) int64 {
	m, memory := p.newSteps(forwardNodes), &pool{dry: true}
	m.plan(p.kept(), memory)
	bytes := memory.made
	for _, n := range p.placed.nodes {
		bytes += keptBytes(n)
	}
	for _, st := range m.stages {
		bytes += st.packedBytes(m.steps)
	}
	return bytes + sumsBySampleBytes(m.steps)
}

// sumsBySampleBytes is what sums take that are kept by sample. Steps take turns with the memory.
func sumsBySampleBytes(steps []step) int64 {
	most := 0
	for i := range steps {
		most = max(most, qops.SumsBySample(steps[i].op, &steps[i].call))
	}
	return 4 * int64(most)
}

// packedBytes is what the packed matrices on the right of a stage's products take.
func (st *stage) packedBytes(steps []step) int64 {
	bytes := int64(0)
	for _, r := range st.rights {
		bytes += 4 * int64(elements(steps[st.from+r.products[0]].call.In[1].Shape))
	}
	return bytes
}
