package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops/number"
)

// WithParanoid lets every run check itself: the program's reference, the same graph without any plan (see Reference),
// runs first with the same values, and every tensor of the planned run is compared with it bit by bit as soon as it is
// computed, before its memory is used for another one. A NaN equals any NaN. Scales, counts and running statistics are
// compared as well. Run returns an error at the first tensor, in the order of the graph, that differs. Results are those
// of a run without it; it takes the memory and the time of the reference besides.
//
// A fused kernel may not leave every tensor in memory: those are seen in the next one that is computed from them.
// Program.Paranoia counts them.
func WithParanoid() Option { return func(o *options) { o.paranoid = true } }

// Paranoia is what a program compiled WithParanoid has compared so far.
type Paranoia struct {
	// Runs is the number of runs, none of which differed.
	Runs int
	// Tensors is the number of tensors of the last run, quantized and unquantized forms each, and Seen how many of them
	// were compared themselves; the others stayed inside of a fused kernel.
	Tensors, Seen int
}

// Paranoia returns what was compared; nothing of a program that was compiled without WithParanoid.
func (p *Program) Paranoia() Paranoia {
	if p.comparison == nil {
		return Paranoia{}
	}
	return p.comparison.done
}

// comparison runs a program's reference in front of each of its runs and watches the program's steps.
type comparison struct {
	program, reference *Program
	steps              []*compared                  // in the order of the graph
	of                 map[*gorgonia.Node]*compared // by the program's node
	done               Paranoia
}

// referenceOf is the option that makes a program's own reference of the same options.
func referenceOf() Option {
	return func(o *options) { o.paranoid, o.reference, o.observe, o.memory = false, true, nil, nil }
}

// compareWith lets p compare itself with its reference, a program of the same model, policy and options.
func (p *Program) compareWith(reference *Program) error {
	c := &comparison{program: p, reference: reference, of: map[*gorgonia.Node]*compared{}}
	m := p.machine
	if len(p.placed.nodes) != len(reference.placed.nodes) {
		return errors.Errorf("graph: the reference has %d nodes, the program %d", len(reference.placed.nodes), len(p.placed.nodes))
	}
	next, keep := 0, p.kept()
	for i, n := range p.placed.nodes {
		if n.Op() == nil {
			continue
		}
		want := &reference.machine.steps[next]
		next++
		if want.node != reference.placed.nodes[i] {
			return errors.Errorf("graph: the reference has other nodes from node %d on", i)
		}
		s := &compared{want: want, kept: keep[n]}
		c.steps, c.of[n] = append(c.steps, s), s
	}
	c.watch(m)
	p.comparison = c
	m.watchers = append(m.watchers, c)
	return nil
}

// watch compares the steps of a machine from now on.
func (c *comparison) watch(m *machine) {
	for i := range m.steps {
		if m.steps[i].relays() {
			continue // the same tensor in another layout
		}
		s := c.of[m.steps[i].node]
		s.got, s.bySamples = &m.steps[i], false
	}
	if c.program.options.observe != nil {
		return // all steps run by themselves
	}
	for _, st := range m.stages {
		for i := st.from; i < st.to && st.rows > 0; i++ {
			c.of[m.steps[i].node].bySamples = true
		}
	}
	for _, s := range m.segments {
		for i := s.first; i < s.end && len(s.runners) > 1; i++ {
			if s := c.of[m.steps[i].node]; s != nil {
				s.bySamples = true
			}
		}
	}
}

// checked is p, comparing itself with its reference.
func checked(p, reference *Program) (*Program, error) {
	if err := p.compareWith(reference); err != nil {
		return nil, err
	}
	return p, nil
}

// run is Program.Run with a comparison.
func (c *comparison) run(pass Pass) error {
	before := copyRunning(c.program)
	c.reference.restoreRunning(before)
	c.reference.copySeed(c.program)
	c.watch(c.program.machine.of(pass))
	for _, s := range c.steps {
		s.begin()
	}
	if err := c.reference.run(pass); err != nil {
		return errors.Wrap(err, "the unplanned reference")
	}
	after := copyRunning(c.reference)
	c.program.restoreRunning(before) // a batch norm of package qops shares them with all programs
	if err := c.program.run(pass); err != nil {
		return err
	}
	if err := c.verdict(pass); err != nil {
		return err
	}
	return c.compareRunning(after, pass)
}

// verdict finds the first tensor, in the order of the graph, that was not the reference's.
func (c *comparison) verdict(pass Pass) error {
	steps := c.steps
	if !pass.Backward {
		steps = steps[:c.reference.machine.forward]
	}
	seen := 0
	for _, s := range steps {
		if err := s.verdict(); err != nil {
			return c.fault(c.describe(s, err), pass)
		}
		if s.seen.Load() > 0 {
			seen++
		}
	}
	c.done = Paranoia{Runs: c.done.Runs + 1, Tensors: len(steps), Seen: seen}
	return nil
}

// fault is the error of a run that differs from its reference.
func (c *comparison) fault(what string, pass Pass) error {
	return errors.Errorf("graph: the planned run differs from the unplanned reference: %s (%s pass, execution %d, %d threads, isa %s). This is a fault of Halftone; please report it",
		what, domainNames[pass.Domain], pass.Execution, c.program.options.threads, isa.Name())
}

var domainNames = map[number.Domain]string{number.Training: "training", number.FullGradient: "full gradient", number.Evaluation: "evaluation"}
