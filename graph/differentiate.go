package graph

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// seedName is the input that holds the gradient of the loss with respect to itself: the error scale, usually 1.
const seedName = "loss.grad"

// differentiation is the backward pass added to a recognised graph.
type differentiation struct {
	seed *gorgonia.Node
	// of maps a node to its gradient.
	of map[*gorgonia.Node]*gorgonia.Node
}

// differentiate adds the gradients of loss with respect to the parameters. It calls the ops' own SymDiff in reverse
// order, as gorgonia.Grad does, but adds contributions with its own op in a fixed order (that of the consumers, last
// one first), so that no two sums are merged by a hash and every sum belongs to the node that it is the gradient of.
// The nodes that distinct tells have a gradient node of their own, where an op passes its gradient on as it is; parameters
// always have one, because solvers write into it.
func differentiate(loss *gorgonia.Node, parameters gorgonia.Nodes, t tensors, distinct func(*gorgonia.Node) bool) (*differentiation, error) {
	g := loss.Graph()
	forward := append(gorgonia.Nodes(nil), g.AllNodes()...)
	needed := dependents(forward, parameters)
	if !needed[loss] {
		return nil, errors.New("graph: the loss does not depend on any parameter")
	}
	d := &differentiation{of: map[*gorgonia.Node]*gorgonia.Node{}}
	d.seed = gorgonia.NewUniqueNode(gorgonia.In(g), gorgonia.WithType(loss.Type()), gorgonia.WithName(seedName))
	t[d.seed] = &tensorInfo{point: policy.Point{Name: seedName, Layer: t[loss].point.Layer, Role: policy.Loss}, channelAxis: activationChannelAxis, sumAxis: activationSumAxis}
	contributions := map[*gorgonia.Node]gorgonia.Nodes{loss: {d.seed}}
	isParameter := map[*gorgonia.Node]bool{}
	for _, p := range parameters {
		isParameter[p] = true
	}
	taken := map[*gorgonia.Node]bool{}
	given := map[*gorgonia.Node]int{} // how many operands an op gave the node to
	for i := len(forward) - 1; i >= 0; i-- {
		n := forward[i]
		if len(contributions[n]) == 0 || !needed[n] {
			continue
		}
		grad, err := addUp(n, contributions[n], isParameter[n], t)
		if err != nil {
			return nil, err
		}
		if (taken[grad] || given[grad] > 1) && (isParameter[n] || distinct(n)) {
			if grad, err = ownGradient(n, grad, isParameter[n], t); err != nil {
				return nil, err
			}
		}
		taken[grad] = true
		d.of[n] = grad
		if n.Op() == nil {
			continue
		}
		if err := pullBack(n, grad, needed, isParameter, contributions, given, t); err != nil {
			return nil, err
		}
	}
	for _, p := range parameters {
		if d.of[p] == nil {
			return nil, errors.Errorf("graph: the loss does not depend on parameter %q", p.Name())
		}
	}
	return d, nil
}

// ownGradient copies a gradient that is also another node's.
func ownGradient(n, grad *gorgonia.Node, parameter bool, t tensors) (*gorgonia.Node, error) {
	own, err := qops.NewReshape(grad, n.Shape())
	if err != nil {
		return nil, errors.Wrapf(err, "graph: gradient of %s", t[n].point.Name)
	}
	t[own] = gradientInfo(t[n], parameter)
	return own, nil
}

// gradientInfo describes the node that is, or copies, the whole gradient of a tensor.
func gradientInfo(of *tensorInfo, parameter bool) *tensorInfo {
	info := *of
	info.point.Name += ".grad"
	info.point.Role = backwardRole(parameter)
	info.point.Use = policy.BackwardData
	if parameter {
		info.point.Use = policy.BackwardWeight
	}
	info.operands = []string{"a", "b"}
	if !parameter { // the gradient of a parameter is told by the op that uses it
		info.point.Takes = info.operands
	}
	info.opName = "add"
	return &info
}

// dependents marks the nodes that depend on a parameter. nodes are in topological order.
func dependents(nodes, parameters gorgonia.Nodes) map[*gorgonia.Node]bool {
	needed := map[*gorgonia.Node]bool{}
	for _, p := range parameters {
		needed[p] = true
	}
	for _, n := range nodes {
		for _, o := range operands(n) {
			needed[n] = needed[n] || needed[o]
		}
	}
	return needed
}

// addUp sums the contributions to the gradient of n.
func addUp(n *gorgonia.Node, contributions gorgonia.Nodes, parameter bool, t tensors) (*gorgonia.Node, error) {
	sum := contributions[0]
	for i, next := range contributions[1:] {
		var err error
		if sum, err = qops.NewAdd(sum, next); err != nil {
			return nil, errors.Wrapf(err, "graph: gradient of %s", t[n].point.Name)
		}
		info := gradientInfo(t[n], parameter)
		if i < len(contributions)-2 {
			info.point.Name += fmt.Sprintf("-partial%d", i+1)
		}
		t[sum] = info
	}
	return sum, nil
}

func backwardRole(parameter bool) policy.Role {
	if parameter {
		return policy.Gradient
	}
	return policy.Error
}

// pullBack adds the gradients of n's operands.
func pullBack(n, grad *gorgonia.Node, needed, isParameter map[*gorgonia.Node]bool, contributions map[*gorgonia.Node]gorgonia.Nodes, given map[*gorgonia.Node]int, t tensors) error {
	op := n.Op().(qops.Op)
	in := operands(n)
	before := len(n.Graph().AllNodes())
	grads, err := op.SymDiff(in, n, grad)
	if err != nil {
		return errors.Wrapf(err, "graph: gradient of %s", t[n].point.Name)
	}
	names := op.OperandNames()
	for i, differentiable := range op.DiffWRT(len(in)) {
		if !differentiable || !needed[in[i]] {
			continue
		}
		contributions[in[i]] = append(contributions[in[i]], grads[i])
		given[grads[i]]++
		if t[grads[i]] == nil {
			t[grads[i]] = backwardInfo(t[n], grads[i], ".grad-"+names[i], isParameter[in[i]], t[in[i]])
		}
	}
	for _, made := range n.Graph().AllNodes()[before:] {
		if t[made] == nil {
			t[made] = backwardInfo(t[n], made, ".grad-"+made.Op().(qops.Op).Point(), false, nil)
		}
	}
	return nil
}

func backwardInfo(of *tensorInfo, n *gorgonia.Node, suffix string, parameter bool, operand *tensorInfo) *tensorInfo {
	info := &tensorInfo{
		point: policy.Point{
			Name: join(of.point.Layer, of.opName+suffix), Layer: of.point.Layer, Op: of.point.Op,
			Role: backwardRole(parameter), Use: policy.BackwardData,
		},
		channelAxis: activationChannelAxis,
		sumAxis:     activationSumAxis,
		opName:      of.opName,
	}
	op := n.Op().(qops.Op)
	info.operands = op.OperandNames()
	info.point.Takes = info.operands
	if parameter {
		info.point.Use = policy.BackwardWeight
		info.channelAxis, info.sumAxis = operand.channelAxis, operand.sumAxis
		info.point.Takes = operand.point.Takes
	}
	if s, ok := op.(qops.Statistic); ok && s.IsStatistic() {
		info.point.Role = policy.Statistic
	}
	return info
}
