package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// quantizers tells which tensors have a quantize node on the way back, before the graph is bound and placed.
//
// Under every-op all of them do. Under at-quantizers a quantize node is a function y = Q(x) with the gradient
// dx = Q_error(dy): the gradient of a tensor that forward has a node, summed over all uses, has one too, in the format of
// errors. So do gradients of parameters, in theirs, but not the parts that they are the sums of. Nothing else has.
type quantizers struct {
	policy  *policy.Policy
	binding *policy.Binding // not bound to any graph
	t       tensors
}

func newQuantizers(p *policy.Policy, t tensors) (*quantizers, error) {
	b, err := p.Unbound()
	return &quantizers{policy: p, binding: b, t: t}, err
}

// forward reports whether the tensor that n computes on the way forward has a quantize node.
func (q *quantizers) forward(n *gorgonia.Node) bool {
	op, computed := n.Op().(qops.Op)
	if !computed || op.Moves() {
		return false
	}
	pt := q.t[n].point
	return pt.Use == policy.Forward && !q.binding.Format(pt).IsFloat32()
}

// distinct reports whether the gradient of n must be a node of its own: because a quantize node follows it that is n's
// alone, or a gate where n clipped.
func (q *quantizers) distinct(n *gorgonia.Node) bool {
	return q.policy.Clipped == policy.Zero || q.policy.Backward == policy.AtQuantizers && q.forward(n)
}

// mark says of every tensor of the way back whether it has a quantize node, given the gradients of forward nodes.
func (q *quantizers) mark(nodes gorgonia.Nodes, gradients map[*gorgonia.Node]*gorgonia.Node) {
	if q.policy.Backward != policy.AtQuantizers {
		return
	}
	for _, n := range nodes {
		info := q.t[n]
		backward := info != nil && (info.point.Use == policy.BackwardData || info.point.Use == policy.BackwardWeight)
		if backward && n.Op() != nil {
			info.bare = true
		}
	}
	for n, gradient := range gradients {
		if info := q.t[gradient]; info.bare && (info.point.Role == policy.Gradient || q.forward(n)) {
			info.bare, info.pointed = false, true
		}
	}
}
