package graph

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Pass says what one execution of a program is for.
type Pass struct {
	Domain    number.Domain
	Execution uint32
	// Backward runs the backward pass as well.
	Backward bool
	// Evaluation uses running statistics instead of the batch's.
	Evaluation bool
	// UpdateStatistics moves the running statistics.
	UpdateStatistics bool
}

// step is one op of the placed graph with its operands and its output.
type step struct {
	node *gorgonia.Node
	op   qops.Op
	call qops.Call
	// twin is the same step of the machine that trains, of one for evaluation, whose output is stored if it comes from
	// running statistics.
	twin   *step
	stored bool
	again  bool // it may find that samples decide together, and has to run again as a whole
}

// machine runs the steps of a placed graph.
type machine struct {
	program *Program
	arrays  map[*gorgonia.Node]*qops.Array
	steps   []step
	forward int // the number of leading steps that a forward pass runs
	// segments are all steps in order; a forward pass ends between two of them.
	segments []*segment
	// stages are all steps in order, of a graph that runs so.
	stages     []*stage
	evaluation *machine // runs passes of evaluation, if there has been one
	watchers   []watcher
	profile    *Profile // of the runs, or nil; one of the watchers
}

func newMachine(p *Program, forwardNodes int) (*machine, error) {
	m := p.newSteps(forwardNodes)
	keep := p.kept()
	if p.options.reference {
		m.ownMemory()
		for i := range m.steps {
			m.steps[i].call.Threads = 1
		}
	} else if m.plan(keep, &pool{}); m.stages != nil {
		m.findGradients(keep)
	} else {
		m.segments = append(segmentsOf(m.steps, 0, m.forward), segmentsOf(m.steps, m.forward, len(m.steps))...)
	}
	p.machine = m
	if p.seed != nil {
		p.SetErrorScale(1)
	}
	m.bindGradients()
	return m, m.bindParameters()
}

// newSteps is a machine whose steps have no memory yet.
func (p *Program) newSteps(forwardNodes int) *machine {
	m := &machine{program: p, arrays: map[*gorgonia.Node]*qops.Array{}}
	for i, n := range p.placed.nodes {
		if n.Op() == nil {
			m.arrays[n] = &qops.Array{Shape: n.Shape()}
			if n == p.seed {
				m.arrays[n] = qops.NewArray(n.Dtype(), nil)
			}
			continue
		}
		s := step{node: n, op: n.Op().(qops.Op)}
		s.call.Threads = p.options.threads
		if info := p.placed.info[n]; info != nil {
			s.call.FloatSum, s.call.Interior = info.floatSum, info.interior
			s.again = p.mayDecideTogether(n, info.floatSum)
		}
		for _, o := range operands(n) {
			s.call.In = append(s.call.In, m.arrays[o])
		}
		s.call.Out = &qops.Array{Shape: n.Shape()}
		m.arrays[n] = s.call.Out
		m.steps = append(m.steps, s)
		if i < forwardNodes {
			m.forward = len(m.steps)
		}
	}
	return m
}

// kept are the nodes whose values outlive a run.
func (p *Program) kept() map[*gorgonia.Node]bool {
	keep := map[*gorgonia.Node]bool{}
	if p.lossStep != nil {
		keep[p.lossStep] = true
	}
	for _, n := range p.outputs {
		keep[n] = true
	}
	for _, q := range p.parameters {
		keep[q.gradient] = true
	}
	return keep
}

// ownMemory gives every step an output of its own.
func (m *machine) ownMemory() {
	for _, s := range m.steps {
		fresh := qops.NewArray(s.node.Dtype(), s.call.Out.Shape)
		s.call.Out.F32, s.call.Out.F64 = fresh.F32, fresh.F64
	}
}

// bindGradients lets Node.Grad() of the model's parameters return the memory that runs write.
func (m *machine) bindGradients() {
	for _, q := range m.program.parameters {
		q.Value, q.Gradient = m.arrays[q.placed], m.arrays[q.gradient]
		gorgonia.SetDerivOf(q.gradient, q.Node)
		if len(q.Gradient.F32)+len(q.Gradient.F64) > 0 {
			_ = gorgonia.UnsafeLet(q.gradient, q.Gradient.Value())
		}
	}
}

// Run executes the program once with the values that the model's inputs and parameters have.
func (p *Program) Run(pass Pass) error {
	if p.comparison != nil {
		return p.comparison.run(pass)
	}
	return p.run(pass)
}

func (p *Program) run(pass Pass) error {
	m := p.machine
	if m.profile != nil {
		m.profile.enter()
		defer m.profile.leave(pass)
	}
	if err := m.bindInputs(); err != nil {
		return err
	}
	m = m.of(pass)
	steps := m.steps[:m.forward]
	if pass.Backward {
		steps = m.steps
	}
	for i := range steps {
		s := &steps[i]
		s.call.Evaluation, s.call.UpdateStatistics = pass.Evaluation, pass.UpdateStatistics
		s.call.Execution, s.call.Domain = pass.Execution, pass.Domain
	}
	run := m.runSegments
	if m.stages != nil {
		run = m.runStages
	} else if m.segments == nil || p.options.observe != nil {
		run = m.runSteps
	}
	if err := run(len(steps)); err != nil {
		return err
	}
	return p.publish()
}

// runSteps runs the leading steps one by one.
func (m *machine) runSteps(count int) error {
	for i := range m.steps[:count] {
		s := &m.steps[i]
		if err := m.runStep(s); err != nil {
			return err
		}
		if observe := m.program.options.observe; observe != nil {
			observe(m.program.tensor(s.node, s.call.Out))
		}
	}
	return nil
}

// runSegments runs the leading steps segment by segment.
func (m *machine) runSegments(count int) error {
	for _, s := range m.segments {
		if s.first >= count {
			break
		}
		if len(s.runners) > 1 {
			if err := s.run(m); err != nil {
				return err
			}
			continue
		}
		if err := m.runStep(&m.steps[s.first]); err != nil {
			return err
		}
	}
	return nil
}

// runStep runs a step at once.
func (m *machine) runStep(s *step) error {
	started := m.started()
	if err := s.op.Run(&s.call); err != nil {
		return m.failed(s, err)
	}
	m.ranWhole(s, started)
	return nil
}

// failed says in which step a run failed.
func (m *machine) failed(s *step, err error) error {
	return errors.Wrapf(err, "graph: %s", m.program.placed.info[s.node].point.Name)
}

// bindInputs reads the model's inputs and parameters, whose values may have been replaced since the last run.
func (m *machine) bindInputs() error {
	for of, n := range m.program.inputs {
		if err := m.bindInput(of, n); err != nil {
			return err
		}
	}
	return m.bindParameters()
}

func (m *machine) bindParameters() error {
	for _, q := range m.program.parameters {
		if err := m.bindInput(q.Node, q.placed); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) bindInput(of, n *gorgonia.Node) error {
	v := of.Value()
	if v == nil {
		return errors.Errorf("graph: input %q has no value; bind one with gorgonia.Let before the run", of.Name())
	}
	if !v.Shape().Eq(of.Shape()) || v.Dtype() != of.Dtype() {
		return errors.Errorf("graph: input %q has a value of shape %v of %v, wanted shape %v of %v", of.Name(), v.Shape(), v.Dtype(), of.Shape(), of.Dtype())
	}
	if d, ok := v.(*tensor.Dense); ok && d.RequiresIterator() {
		return errors.Errorf("graph: input %q has a value that is not contiguous; clone it", of.Name())
	}
	return errors.Wrapf(m.arrays[n].Bind(v), "graph: input %q", of.Name())
}

// publish makes the loss and the outputs readable as values of the model's own nodes.
func (p *Program) publish() error {
	for of, n := range p.outputs {
		if of.Op() == nil {
			continue // an input keeps the value that it was given
		}
		if p.machine.arrays[n].IsBoundTo(of.Value()) {
			continue
		}
		if err := gorgonia.UnsafeLet(of, p.machine.arrays[n].Value()); err != nil {
			return errors.Wrapf(err, "graph: output %q", of.Name())
		}
	}
	publishReads(p.reads)
	return nil
}

// Loss is the loss of the last run, NaN for a deployed program, which has none.
func (p *Program) Loss() float64 {
	a := p.machine.arrays[p.lossStep]
	if a == nil {
		return math.NaN()
	}
	if a.F64 != nil {
		return a.F64[0]
	}
	return float64(a.F32[0])
}

// Output is the value that a node given to WithOutputs had in the last run, nil if it was not given.
func (p *Program) Output(n *gorgonia.Node) *qops.Array { return p.machine.arrays[p.outputs[n]] }

// SetErrorScale sets the gradient that the loss starts the backward pass with, 1 unless training scales its errors. A
// deployed program has no backward pass.
func (p *Program) SetErrorScale(scale float64) {
	a := p.machine.arrays[p.seed]
	switch {
	case a == nil:
	case a.F64 != nil:
		a.F64[0] = scale
	default:
		a.F32[0] = float32(scale)
	}
}
