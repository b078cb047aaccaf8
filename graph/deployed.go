package graph

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Deployment is what a deployed program has beside its policy.
type Deployment struct {
	// Running are the running statistics of the model's batch norms, by name (PATH/batchnormN).
	Running map[string]*qops.Running
	// Target is the hardware whose integers are simulated; nil folds batch norms and stays in float32, for calibration.
	Target *target.Target
	// Scales are the calibrated scales of inputs, activations and weights, by canonical name.
	Scales map[string]number.Scales
}

// CompileDeployed builds a forward program for inference: batch norms are folded into their convolutions with the
// running statistics, and with a target every layer computes on codes as the target does. The outputs are the nodes
// wanted; the loss, if it is one of them, is computed on the values that the codes stand for.
func CompileDeployed(outputs, parameters gorgonia.Nodes, pol *policy.Policy, d Deployment, opts ...Option) (*Program, error) {
	p := newProgram(outputs[0], pol, opts)
	r, err := recognise(outputs, parameters)
	if err != nil {
		return nil, err
	}
	t := nameForward(r)
	if err := setRunning(r, t, d.Running); err != nil {
		return nil, err
	}
	var wanted gorgonia.Nodes
	for _, n := range outputs {
		wanted = append(wanted, r.made[n])
	}
	folded, err := foldBatchNorms(reachable(r.graph, wanted), t)
	if err != nil {
		return nil, err
	}
	final := gorgonia.Nodes{}
	for _, n := range wanted {
		final = append(final, folded.made[n])
	}
	last := folded
	layers := floatLayers(reachable(folded.graph, final), folded.info)
	nodes := reachable(folded.graph, final)
	if p.binding, err = pol.Bind(points(nodes, folded.info)); err != nil {
		return nil, err
	}
	if d.Target != nil {
		pass, err := toIntegers(nodes, folded.info, d.Target, d.Scales, p.binding)
		if err != nil {
			return nil, err
		}
		last, layers = pass.rewriting, pass.layers
	}
	made := func(n *gorgonia.Node) *gorgonia.Node {
		n = folded.made[r.made[n]]
		if d.Target != nil {
			n = last.made[n]
		}
		return n
	}
	final = final[:0]
	for _, n := range outputs {
		p.outputs[n] = made(n)
		final = append(final, made(n))
	}
	p.layers = layers
	p.placed = &placement{graph: last.graph, info: last.info, nodes: reachable(last.graph, final)}
	p.placed.describe()
	for of, n := range r.made {
		if of.Op() != nil || r.parameters[of] || folded.made[n] == nil {
			continue
		}
		raw := folded.made[n]
		if d.Target != nil {
			raw = last.copyOf(raw)
		}
		if raw != nil {
			p.inputs[of] = raw
		}
	}
	if err := p.bindConstants(); err != nil {
		return nil, err
	}
	if !p.options.paranoid {
		return p, nil
	}
	reference, err := CompileDeployed(outputs, parameters, pol, d, append(slices.Clone(opts), referenceOf())...)
	if err != nil {
		return nil, err
	}
	return checked(p, reference)
}

// setRunning gives the recognised batch norms their running statistics.
func setRunning(r *recognition, t tensors, running map[string]*qops.Running) error {
	for _, norm := range r.norms {
		info := t[norm.node]
		name := join(info.point.Layer, info.opName)
		from, ok := running[name]
		if !ok || len(from.Mean) != len(norm.running.Mean) {
			return errors.Errorf("graph: no running statistics for %s", name)
		}
		copy(norm.running.Mean, from.Mean)
		copy(norm.running.Variance, from.Variance)
	}
	return nil
}

// floatLayers marks the tensors of a folded graph that stay when it goes to integers.
func floatLayers(nodes gorgonia.Nodes, t tensors) map[*gorgonia.Node]bool {
	layers := map[*gorgonia.Node]bool{}
	for _, n := range nodes {
		reluOnly, sumOnly := false, false
		if of := users(n); len(of) == 1 {
			reluOnly = kindOf(of[0]) == "relu"
			_, sumOnly = of[0].Op().(*qops.BiasAdd)
		}
		switch kindOf(n) {
		case "":
			layers[n] = t[n].point.Role == policy.Input
		case "conv", "dense":
			layers[n] = !sumOnly
		case "softmaxloss", "reshape":
		default:
			layers[n] = !reluOnly
		}
	}
	return layers
}

// bindConstants builds the machine of a deployed program, whose parameters are constants.
func (p *Program) bindConstants() error {
	m, err := newMachine(p, len(p.placed.nodes))
	if err != nil {
		return err
	}
	fed := map[*gorgonia.Node]bool{}
	for _, n := range p.inputs {
		fed[n] = true
	}
	for _, n := range p.placed.nodes {
		if n.Op() == nil && !fed[n] {
			if err := m.bindInput(n, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// Feeds returns the tensors of a deployed program that are fed or constant, for an observer that wants them as well:
// those of role input must be bound by a run first.
func (p *Program) Feeds() []Tensor {
	var out []Tensor
	for _, n := range p.placed.nodes {
		if n.Op() == nil {
			out = append(out, p.tensor(n, p.machine.arrays[n]))
		}
	}
	return out
}
