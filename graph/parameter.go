package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Parameter is a trainable tensor of the model.
type Parameter struct {
	Name, Layer string
	Role        policy.Role // weight or bias
	Node        *gorgonia.Node
	// Value is the model's own memory; optimizers write it. Gradient is that of the last run with a backward pass.
	Value, Gradient *qops.Array
	// ChannelAxis is the axis of block=channel, SumAxis that of axis=reduce.
	ChannelAxis, SumAxis int
	placed, gradient     *gorgonia.Node // its input and its gradient in the placed graph
	// Formats are those of the optimizer's tensors of this parameter, by role: gradient, momentum, master, offset,
	// average. The gradient is on its grid already.
	Formats map[policy.Role]number.Format
}

// optimizerRoles are the roles of the tensors that an optimizer keeps for a parameter, besides the gradient.
var optimizerRoles = []policy.Role{policy.Momentum, policy.Master, policy.Offset, policy.Average}

// inputInfo describes a parameter by the op that uses it, which t has, and any other input as data.
func inputInfo(r *recognition, t tensors, of, n *gorgonia.Node) *tensorInfo {
	info := &tensorInfo{point: policy.Point{Name: of.Name(), Layer: r.layer(of), Role: policy.Input}, channelAxis: activationChannelAxis, sumAxis: activationSumAxis}
	if !r.parameters[of] {
		return info
	}
	info.point.Role = policy.Weight
	u, ok := useOf(n)
	if !ok {
		return info
	}
	info.point.Op, info.channelAxis, info.sumAxis = t[u.node].point.Op, u.channelAxis(), u.sumAxis()
	info.point.Takes = u.op.OperandNames()
	if u.op.OperandNames()[u.operand] == "bias" {
		info.point.Role = policy.Bias
	}
	return info
}

// use is how an op that computes uses a parameter: directly, or after it was moved.
type use struct {
	node    *gorgonia.Node
	op      qops.Op
	operand int
	moved   []qops.Op // from the parameter on
}

// useOf finds the first op that uses n.
func useOf(n *gorgonia.Node) (use, bool) {
	for _, user := range users(n) {
		op := user.Op().(qops.Op)
		if op.Moves() {
			u, ok := useOf(user)
			if ok {
				u.moved = append([]qops.Op{op}, u.moved...)
				return u, true
			}
			continue
		}
		for i, operand := range operands(user) {
			if operand == n {
				return use{node: user, op: op, operand: i}, true
			}
		}
	}
	return use{}, false
}

// channelAxis is the parameter's axis of output channels of the op that uses it: axis 0 of a convolution's OIHW, axis 1
// of a dense layer's (in, out) and of all others, followed back through transposes.
func (u use) channelAxis() int {
	axis := 1
	switch op := u.op.(type) {
	case *qops.Conv:
		axis = 1 - u.operand
	case *qops.Dense:
		axis = op.ChannelAxis(u.operand)
	}
	return u.followBack(axis)
}

// sumAxis is the parameter's axis along which the op that uses it takes its sums: axis 1 of a convolution's OIHW, axis 0
// of a dense layer's (in, out), axis 1 of all others, followed back through transposes.
func (u use) sumAxis() int {
	axis := 1
	if op, ok := u.op.(*qops.Dense); ok {
		axis = 1 - op.ChannelAxis(u.operand)
	}
	return u.followBack(axis)
}

// followBack returns the parameter's axis that has become the given one of the op's operand.
func (u use) followBack(axis int) int {
	for i := len(u.moved) - 1; i >= 0; i-- {
		if t, ok := u.moved[i].(*qops.Transpose); ok && axis < len(t.Pattern) {
			axis = t.Pattern[axis]
		}
	}
	return axis
}
