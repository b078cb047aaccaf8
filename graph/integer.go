package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/emulate/requant"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// integerPass puts integer ops in the place of a folded graph's layers, as a target computes them.
type integerPass struct {
	*rewriting
	target  *target.Target
	rule    requant.Rule
	scales  map[string]number.Scales
	binding *policy.Binding
	grids   map[*gorgonia.Node]qops.CodeGrid // of the new nodes
	users   map[*gorgonia.Node]gorgonia.Nodes
	layers  map[*gorgonia.Node]bool // new nodes that are layers of the integer program
}

// toIntegers rebuilds the nodes, which are in topological order.
func toIntegers(nodes gorgonia.Nodes, t tensors, tgt *target.Target, scales map[string]number.Scales, b *policy.Binding) (*integerPass, error) {
	rule, err := requant.Get(tgt.Requantization)
	if err != nil {
		return nil, err
	}
	p := &integerPass{
		rewriting: newRewriting(t), target: tgt, rule: rule, scales: scales, binding: b,
		grids: map[*gorgonia.Node]qops.CodeGrid{}, users: map[*gorgonia.Node]gorgonia.Nodes{}, layers: map[*gorgonia.Node]bool{},
	}
	for _, n := range nodes {
		for _, o := range operands(n) {
			p.users[o] = append(p.users[o], n)
		}
	}
	for _, n := range nodes {
		if p.made[n] != nil {
			continue
		}
		if err := p.node(n); err != nil {
			return nil, errors.Wrapf(err, "graph: %s on target %s", t[n].point.Name, tgt.Name)
		}
	}
	return p, nil
}

func (p *integerPass) node(n *gorgonia.Node) error {
	op, computed := n.Op().(qops.Op)
	switch {
	case !computed && p.old[n].point.Role == policy.Input && p.isFeature(n):
		return p.input(n)
	case !computed:
		p.copy(n)
		return nil
	case p.isProduct(n):
		return p.product(n)
	}
	switch o := op.(type) {
	case *qops.Binary:
		if o.Kind() == "add" {
			return p.add(n)
		}
	case *qops.Reduce:
		if o.Kind() == "avgpool" {
			return p.mean(n)
		}
	case *qops.Reshape:
		made := p.copy(n)
		if g, ok := p.grids[p.made[operands(n)[0]]]; ok {
			p.grids[made] = g
			p.layers[made] = true
		}
		return nil
	case *qops.SoftmaxLoss:
		p.copy(n)
		return nil
	}
	return errors.Errorf("the op %s has no integer form in this version", op.Kind())
}

// isFeature tells what is fed to layers from what is fed to the loss.
func (p *integerPass) isFeature(n *gorgonia.Node) bool {
	for _, u := range p.users[n] {
		if kindOf(u) != "softmaxloss" {
			return true
		}
	}
	return false
}

// grid is the code grid of a tensor: the format of its role, with its calibrated scale.
func (p *integerPass) grid(info *tensorInfo) (qops.CodeGrid, error) {
	f := p.binding.Format(info.point)
	lo, hi := p.target.Operands.Activation.Range()
	fLo, fHi := f.CodeRange()
	if f.Kind() != "int" || fLo != lo || fHi != hi {
		return qops.CodeGrid{}, errors.Errorf("the format %s of %s is not the target's %s activation", f, info.point.Role, p.target.Operands.Activation)
	}
	s, ok := p.scales[info.point.Name]
	if !ok || len(s.Step) != 1 {
		return qops.CodeGrid{}, errors.Errorf("scales.npz has no scale for %q; deploy the run again", info.point.Name)
	}
	g := qops.CodeGrid{Affine: requant.Affine{Scale: s.Step[0]}, Lo: int32(lo), Hi: int32(hi), Format: f}
	if len(s.Zero) == 1 {
		g.Zero = s.Zero[0]
	}
	return g, nil
}

func (p *integerPass) input(n *gorgonia.Node) error {
	raw := p.copy(n)
	g, err := p.grid(p.old[n])
	if err != nil {
		return err
	}
	p.layer(n, qops.NewIntegerInput(raw, g), p.old[n], g)
	return nil
}

func (p *integerPass) layer(n, made *gorgonia.Node, info *tensorInfo, g qops.CodeGrid) {
	p.set(n, made, info)
	p.grids[made] = g
	p.layers[made] = true
}

// isProduct reports a convolution or dense layer whose only use is to get a bias.
func (p *integerPass) isProduct(n *gorgonia.Node) bool {
	k := kindOf(n)
	return k == "conv" || k == "dense"
}

// fused returns the ReLU that is n's only use, if it is; else n.
func (p *integerPass) fused(n *gorgonia.Node) (last *gorgonia.Node, relu bool) {
	if len(p.users[n]) == 1 && kindOf(p.users[n][0]) == "relu" {
		return p.users[n][0], true
	}
	return n, false
}

// product replaces a convolution or dense layer, its bias and its ReLU by accumulator and requantization.
func (p *integerPass) product(n *gorgonia.Node) error {
	biased, bias := n, (*gorgonia.Node)(nil)
	if len(p.users[n]) == 1 {
		if _, ok := p.users[n][0].Op().(*qops.BiasAdd); ok {
			biased = p.users[n][0]
			bias = operands(biased)[1]
		}
	}
	last, relu := p.fused(biased)
	in := operands(n)
	x, ok := p.grids[p.made[in[0]]]
	if !ok {
		return errors.New("the input is not on codes")
	}
	weight, scales, err := p.weight(in[1])
	if err != nil {
		return err
	}
	codes, err := p.bias(n, bias, x.Scale, scales)
	if err != nil {
		return err
	}
	g, err := p.grid(p.old[last])
	if err != nil {
		return err
	}
	if relu {
		g.Lo = max(g.Lo, g.Zero)
	}
	acc := qops.Accumulator{Format: p.target.Accumulator, Group: p.target.Array.ProductsPerAddition()}
	sum := p.set(n, qops.NewIntegerSum(n.Op().(qops.Op), p.made[in[0]], weight, codes, acc, x.Scale, scales), p.old[n])
	made, err := qops.NewRequantize(sum, g, p.rule)
	if err != nil {
		return err
	}
	p.set(biased, made, p.old[last])
	p.layer(last, made, p.old[last], g)
	return nil
}

// weight quantizes a weight, whose scale calibration gave.
func (p *integerPass) weight(n *gorgonia.Node) (*gorgonia.Node, number.Scales, error) {
	info := p.old[n]
	if n.Op() != nil {
		return nil, number.Scales{}, errors.New("the weight is computed; only parameters can be deployed")
	}
	s, ok := p.scales[info.point.Name]
	if !ok {
		return nil, s, errors.Errorf("scales.npz has no scales for %q; deploy the run again", info.point.Name)
	}
	f := p.binding.Format(info.point)
	lo, hi := p.target.Operands.Weight.Range()
	if fLo, fHi := f.CodeRange(); f.Kind() != "int" || fLo < lo || fHi > hi {
		return nil, s, errors.Errorf("the format %s of weight is not the target's %s weight", f, p.target.Operands.Weight)
	}
	return p.given(n, f, s), s, nil
}

// bias quantizes the bias of layer n, or zeros if it has none, to the grid of its accumulator.
func (p *integerPass) bias(n, bias *gorgonia.Node, activation float64, weight number.Scales) (*gorgonia.Node, error) {
	info := *p.old[n]
	info.point.Role = policy.Bias
	if bias != nil {
		info = *p.old[bias]
	}
	f := p.binding.Format(info.point)
	if f.Kind() != "int" {
		return nil, errors.Errorf("the format %s of bias %q is no int format", f, info.point.Name)
	}
	raw := p.made[bias]
	switch {
	case bias == nil:
		info.point.Name = join(info.point.Layer, info.opName+".no-bias")
		zeros := qops.NewArray(n.Dtype(), []int{n.Shape()[1]})
		raw = gorgonia.NewUniqueNode(gorgonia.In(p.graph), gorgonia.WithType(gorgonia.TensorType{Dims: 1, Of: n.Dtype()}),
			gorgonia.WithName(info.point.Name), gorgonia.WithShape(n.Shape()[1]), gorgonia.WithValue(zeros.Value()))
		p.info[raw] = &info
	case raw == nil:
		raw = p.copy(bias)
	}
	made := qops.NewIntegerBias(raw, f, qops.AccumulatorSteps(activation, weight))
	p.info[made] = &info
	return made, nil
}

// given adds an input and a quantize node with given scales behind it.
func (p *integerPass) given(n *gorgonia.Node, f number.Format, s number.Scales) *gorgonia.Node {
	raw := p.made[n]
	if raw == nil {
		raw = p.copy(n)
	}
	node, op := qops.NewQuantize(raw, f, p.old[n].axis(f), number.Stream{})
	op.Given = &s
	p.info[node] = p.old[n]
	return node
}

// add replaces a residual sum and its ReLU.
func (p *integerPass) add(n *gorgonia.Node) error {
	last, relu := p.fused(n)
	in := operands(n)
	a, b := p.made[in[0]], p.made[in[1]]
	ga, okA := p.grids[a]
	gb, okB := p.grids[b]
	if !okA || !okB {
		return errors.New("an operand is not on codes")
	}
	g, err := p.grid(p.old[last])
	if err != nil {
		return err
	}
	if relu {
		g.Lo = max(g.Lo, g.Zero)
	}
	made, err := qops.NewIntegerAdd(a, b, ga, gb, g, p.rule)
	if err != nil {
		return err
	}
	p.set(n, made, p.old[last])
	p.layer(last, made, p.old[last], g)
	return nil
}

// mean replaces an average pool, whose codes keep the grid of its input.
func (p *integerPass) mean(n *gorgonia.Node) error {
	x := p.made[operands(n)[0]]
	g, ok := p.grids[x]
	if !ok {
		return errors.New("the input is not on codes")
	}
	lo, hi := p.target.Operands.Activation.Range()
	g.Lo, g.Hi = int32(lo), int32(hi)
	p.layer(n, qops.NewIntegerMean(x, g), p.old[n], g)
	return nil
}
