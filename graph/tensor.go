package graph

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// tensorInfo is what the passes know of one tensor of a rebuilt graph.
type tensorInfo struct {
	point       policy.Point
	channelAxis int
	sumAxis     int      // along which the op that uses it takes its sums
	operands    []string // of the op, as edges call them
	opName      string   // OPn, without layer and point
	// On the way back under at-quantizers: pointed is the gradient of a tensor that has a quantize node, and gets one
	// itself, as does that of a parameter; bare is all else, which gets none.
	pointed, bare bool
	// floatSum says that the op's sums of products are float32 sums even where exact ones could be had.
	floatSum bool
	interior *qops.Interior // of the sums
}

// tensors is the side table of a graph's nodes.
type tensors map[*gorgonia.Node]*tensorInfo

// The axes of activations, states and errors: their channels, which the op behind them sums over.
const (
	activationChannelAxis = 1
	activationSumAxis     = 1
)

// axis is the axis that a format takes its blocks along.
func (t *tensorInfo) axis(f number.Format) int { return f.Axis(t.channelAxis, t.sumAxis) }

// nameForward gives every node of the recognised graph its canonical name, layer, op and role.
func nameForward(r *recognition) tensors {
	t := tensors{}
	counts := map[string]int{}
	for _, g := range r.groups {
		layer := r.layer(g.from)
		kind := groupKind(g)
		counts[layer+"\x00"+kind]++
		opName := fmt.Sprintf("%s%d", kind, counts[layer+"\x00"+kind])
		for _, n := range g.nodes {
			op := n.Op().(qops.Op)
			name, opName := g.pointName(n, kind, opName)
			t[n] = &tensorInfo{
				point:       policy.Point{Name: join(layer, name), Layer: layer, Op: kind, Role: forwardRole(n, op), Use: policy.Forward, Takes: op.OperandNames()},
				channelAxis: activationChannelAxis,
				sumAxis:     activationSumAxis,
				operands:    op.OperandNames(),
				opName:      opName,
			}
		}
	}
	for of, n := range r.made {
		if n.Op() == nil && t[n] == nil {
			t[n] = inputInfo(r, t, of, n)
		}
	}
	markStates(r.graph, t)
	return t
}

// pointName is the name of a group's node, and the one that its gradients are named after: where several patterns make one
// op, each has gradients of its own.
func (g opGroup) pointName(n *gorgonia.Node, kind, opName string) (name, gradientOf string) {
	if g.points != nil {
		name = opName + "." + g.points[n]
		return name, name
	}
	op := n.Op().(qops.Op)
	if op.Kind() != kind {
		return opName + "." + op.Kind(), opName
	}
	return opName + "." + op.Point(), opName
}

func groupKind(g opGroup) string {
	if g.kind != "" {
		return g.kind
	}
	for _, n := range g.nodes {
		if op := n.Op().(qops.Op); !op.Moves() {
			return op.Kind()
		}
	}
	return g.nodes[len(g.nodes)-1].Op().(qops.Op).Kind()
}

func forwardRole(n *gorgonia.Node, op qops.Op) policy.Role {
	if s, ok := op.(qops.Statistic); ok && s.IsStatistic() {
		return policy.Statistic
	}
	if n.IsScalar() {
		return policy.Loss
	}
	return policy.Activation
}

// layer is the path of a node of the model: that of the Layer that made it; for a parameter outside of any, its name
// up to the last slash; for others that of the first parameter found breadth first over the operands, or "input".
func (r *recognition) layer(n *gorgonia.Node) string {
	if path, ok := r.paths[n]; ok {
		return path
	}
	queue, seen := gorgonia.Nodes{n}, map[*gorgonia.Node]bool{n: true}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if r.parameters[next] {
			if i := strings.LastIndexByte(next.Name(), '/'); i > 0 {
				return next.Name()[:i]
			}
		}
		for _, o := range operands(next) {
			if !seen[o] {
				seen[o] = true
				queue = append(queue, o)
			}
		}
	}
	return "input"
}

func join(layer, name string) string {
	if layer == "" {
		return name
	}
	return layer + "/" + name
}
