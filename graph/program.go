package graph

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Program is a model under a policy, ready to run.
type Program struct {
	Policy     *policy.Policy
	loss       *gorgonia.Node // the model's
	lossStep   *gorgonia.Node // in the placed graph
	parameters []*Parameter
	outputs    map[*gorgonia.Node]*gorgonia.Node // the model's nodes to the placed graph's
	inputs     map[*gorgonia.Node]*gorgonia.Node // likewise, data inputs
	reads      gorgonia.Nodes                    // the model's nodes that gorgonia.Read has made
	norms      []*BatchNorm
	placed     *placement
	machine    *machine
	seed       *gorgonia.Node
	options    options
	layers     map[*gorgonia.Node]bool // of a deployed program: the tensors that are layers' outputs
	points     []policy.Point
	binding    *policy.Binding
	comparison *comparison // of a program WithParanoid
}

// BatchNorm holds the running statistics of one batch norm.
type BatchNorm struct {
	Name    string // PATH/batchnormN
	Running *qops.Running
}

// Compile builds a program from a scalar loss, the parameters to train and a policy: it recognises the ops,
// differentiates, and rebuilds the graph with quantize nodes. The model's graph is read, not changed, but its
// parameters' gradients can be read with Node.Grad() after a run, so Gorgonia's solvers work; they are those of the
// program that was compiled last.
func Compile(loss *gorgonia.Node, parameters gorgonia.Nodes, pol *policy.Policy, opts ...Option) (*Program, error) {
	if !loss.IsScalar() {
		return nil, errors.Errorf("graph: the loss has shape %v; it must be a scalar, such as a mean", loss.Shape())
	}
	if pol.BatchNorm == policy.Fold {
		return nil, errors.Errorf("graph: policy %q folds batch norms, as for a deployed network; that cannot be trained or differentiated", pol.Name)
	}
	p := newProgram(loss, pol, opts)
	for _, n := range p.options.outputs {
		if n == nil || n.Graph() != loss.Graph() {
			return nil, errors.Errorf("graph: output %v is no node of the loss's graph", n)
		}
	}
	roots := append(gorgonia.Nodes{loss}, p.options.outputs...)
	for _, n := range p.reads {
		roots = append(roots, operands(n)[0])
	}
	r, err := recognise(roots, parameters)
	if err != nil {
		return nil, err
	}
	var rebuilt gorgonia.Nodes
	for _, n := range parameters {
		if r.made[n] == nil || n.Op() != nil {
			return nil, errors.Errorf("graph: parameter %q is no input that the loss depends on; leave it out of the parameters", n.Name())
		}
		rebuilt = append(rebuilt, r.made[n])
	}
	t := nameForward(r)
	q, err := newQuantizers(pol, t)
	if err != nil {
		return nil, err
	}
	d, err := differentiate(r.made[loss], rebuilt, t, q.distinct)
	if err != nil {
		return nil, err
	}
	q.mark(r.graph.AllNodes(), d.of)
	var wanted gorgonia.Nodes
	for _, n := range roots {
		wanted = append(wanted, r.made[n])
	}
	forward := reachable(r.graph, wanted)
	for _, n := range rebuilt {
		wanted = append(wanted, d.of[n])
	}
	nodes := reachable(r.graph, wanted)
	if err := p.bind(nodes, t); err != nil {
		return nil, err
	}
	if p.placed, err = place(nodes, t, d.of, p.binding, pol.Clipped == policy.Zero, p.options.seed); err != nil {
		return nil, err
	}
	if err := p.checkInteriors(); err != nil {
		return nil, err
	}
	p.connect(r, d, parameters, roots, t)
	forwardNodes := forwardCount(p.placed, forward)
	if err := p.checkMemory(forwardNodes); err != nil {
		return nil, err
	}
	var reference *Program
	if p.options.paranoid { // before the machine, since the gradients of the model's parameters are those of the last one
		if reference, err = Compile(loss, parameters, pol, append(slices.Clone(opts), referenceOf())...); err != nil {
			return nil, err
		}
	}
	if _, err := newMachine(p, forwardNodes); err != nil {
		return nil, err
	}
	if reference != nil {
		return checked(p, reference)
	}
	return p, nil
}

func newProgram(loss *gorgonia.Node, pol *policy.Policy, opts []Option) *Program {
	p := &Program{
		Policy: pol, loss: loss, options: defaultOptions(), reads: readsOf(loss.Graph()),
		outputs: map[*gorgonia.Node]*gorgonia.Node{}, inputs: map[*gorgonia.Node]*gorgonia.Node{},
	}
	for _, opt := range opts {
		opt(&p.options)
	}
	return p
}

// bind checks the policy against the nodes, and what this version simulates of it.
func (p *Program) bind(nodes gorgonia.Nodes, t tensors) error {
	p.points = points(nodes, t)
	var err error
	if p.binding, err = p.Policy.Bind(p.points); err != nil {
		return err
	}
	for _, pt := range p.points {
		if strings.Contains(pt.Name, "*") || strings.Contains(pt.Name, ">") != pt.IsEdge() {
			return errors.Errorf("graph: %q: policies read * and > in a name as patterns; rename the node or layer", pt.Name)
		}
	}
	for _, n := range nodes {
		pt := t[n].point
		if target := p.binding.Target(pt); target != "" && n.Op() != nil {
			return errors.Errorf("graph: %s: the policy has target %q, whose integers only a deployed network computes; train without it, then deploy", pt.Name, target)
		}
		if _, ok := n.Op().(qops.Summing); !ok {
			continue
		}
		inside := insidePoints(t[n])
		product, sum := p.binding.Format(inside[0]), p.binding.Format(inside[1])
		if t[n].interior, err = qops.NewInterior(product, sum); err != nil {
			return errors.Wrapf(err, "graph: %s", pt.Name)
		}
		t[n].floatSum = sum.IsFloat32()
		if !t[n].bare { // those are listed already
			p.points = append(p.points, inside...)
		}
	}
	return nil
}

// connect links the placed graph with the model's nodes.
func (p *Program) connect(r *recognition, d *differentiation, parameters, roots gorgonia.Nodes, t tensors) {
	p.lossStep = p.placed.out[r.made[p.loss]]
	p.seed = p.placed.raw[d.seed]
	for _, n := range roots {
		p.outputs[n] = p.placed.out[r.made[n]]
	}
	for _, n := range parameters {
		made := r.made[n]
		info := t[made]
		q := &Parameter{
			Name: n.Name(), Layer: info.point.Layer, Role: info.point.Role, Node: n, ChannelAxis: info.channelAxis, SumAxis: info.sumAxis,
			placed: p.placed.raw[made], gradient: p.placed.out[d.of[made]],
			Formats: map[policy.Role]number.Format{
				policy.Gradient: p.binding.Format(t[d.of[made]].point),
			},
		}
		for _, role := range optimizerRoles {
			pt := info.point
			pt.Role = role
			q.Formats[role] = p.binding.Format(pt)
			p.points = append(p.points, pt)
		}
		p.parameters = append(p.parameters, q)
	}
	for of, n := range r.made {
		if of.Op() == nil && !r.parameters[of] && p.placed.raw[n] != nil {
			p.inputs[of] = p.placed.raw[n]
		}
	}
	for _, norm := range r.norms {
		info := t[norm.node]
		p.norms = append(p.norms, &BatchNorm{Name: join(info.point.Layer, info.opName), Running: norm.running})
	}
}

// reachable returns the nodes that the wanted ones need, in the order in which they were made, which is topological.
func reachable(g *gorgonia.ExprGraph, wanted gorgonia.Nodes) gorgonia.Nodes {
	need := map[*gorgonia.Node]bool{}
	stack := append(gorgonia.Nodes(nil), wanted...)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if need[n] {
			continue
		}
		need[n] = true
		stack = append(stack, operands(n)...)
	}
	var out gorgonia.Nodes
	for _, n := range g.AllNodes() {
		if need[n] {
			out = append(out, n)
		}
	}
	return out
}

// forwardCount is the number of leading nodes of the placed graph that belong to the forward pass: all forward nodes
// were made before the first backward one.
func forwardCount(p *placement, forward gorgonia.Nodes) int {
	last := -1
	for _, n := range forward {
		last = max(last, int(p.out[n].ID()))
	}
	for i, n := range p.nodes {
		if int(n.ID()) > last {
			return i
		}
	}
	return len(p.nodes)
}

// Parameters returns the parameters in the order in which Compile got them.
func (p *Program) Parameters() []*Parameter { return p.parameters }

// BatchNorms returns the running statistics of the model's batch norms, in the model's order.
func (p *Program) BatchNorms() []*BatchNorm { return p.norms }

// Points lists every place where the program's policy has a format: tensors, edges, the products and sums inside of ops,
// and what an optimizer keeps for a parameter (under the parameter's name).
func (p *Program) Points() []policy.Point { return append([]policy.Point(nil), p.points...) }

// Binding is the program's policy, bound to its points.
func (p *Program) Binding() *policy.Binding { return p.binding }
