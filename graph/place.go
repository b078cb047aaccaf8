package graph

import (
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// placement is the graph rebuilt with a quantize node behind the output of every op that computes, forward and
// backward, behind every parameter and input whose format is not float32, and on every edge that a rule names.
type placement struct {
	graph *gorgonia.ExprGraph
	// raw and out map a node of the differentiated graph to the op's own output and to what its consumers read.
	raw, out map[*gorgonia.Node]*gorgonia.Node
	info     tensors // of the raw nodes and of edges' quantize nodes
	nodes    gorgonia.Nodes
	quantize map[*gorgonia.Node]*qops.Quantize // by quantize node
	format   map[*gorgonia.Node]number.Format  // by raw node and by edge quantize node
}

// points lists what a policy can match: every tensor that has a format of its own, and every use of one.
func points(nodes gorgonia.Nodes, t tensors) []policy.Point {
	var out []policy.Point
	for _, n := range nodes {
		switch {
		case hasFormat(n, t):
			out = append(out, t[n].point)
		case t[n].bare: // a rule may still be about the sums that make it
			if _, ok := n.Op().(qops.Summing); ok {
				out = append(out, insidePoints(t[n])...)
			}
		}
		for i, o := range operands(n) {
			out = append(out, edgePoint(t, n, i, o))
		}
	}
	return out
}

// insidePoints are the product and the sum of an op that takes sums of products.
func insidePoints(info *tensorInfo) []policy.Point {
	inside := []policy.Point{info.point, info.point}
	inside[0].Role, inside[1].Role = policy.Product, policy.Sum
	return inside
}

// hasFormat reports whether the policy gives n a format: inputs, what is computed, and the gradient of a parameter even
// if it was only moved from an error. Other tensors that are moved inherit the format. Under at-quantizers the errors
// are told apart by quantizers.mark.
func hasFormat(n *gorgonia.Node, t tensors) bool {
	if info := t[n]; info.bare || info.pointed {
		return info.pointed
	}
	op, computed := n.Op().(qops.Op)
	if !computed || !op.Moves() {
		return true
	}
	return t[n].point.Role == policy.Gradient && t[operands(n)[0]].point.Role != policy.Gradient
}

// edgePoint is the use of operand i, the tensor o, by n. It is named after the tensor that n makes, without ".out".
func edgePoint(t tensors, n *gorgonia.Node, i int, o *gorgonia.Node) policy.Point {
	info := t[n]
	return policy.Point{
		Name:  t[o].point.Name + ">" + strings.TrimSuffix(info.point.Name, ".out") + "." + info.operands[i],
		Layer: info.point.Layer, Op: info.point.Op, Role: t[o].point.Role, Use: info.point.Use, Operand: info.operands[i], Takes: info.operands,
	}
}

// place rebuilds the nodes, which are in topological order, with the binding's formats. gradients maps forward nodes to
// their gradients, for the policy's clipped mode.
func place(nodes gorgonia.Nodes, t tensors, gradients map[*gorgonia.Node]*gorgonia.Node, b *policy.Binding, clippedZero bool, seed uint64) (*placement, error) {
	p := &placement{
		graph: gorgonia.NewGraph(), raw: map[*gorgonia.Node]*gorgonia.Node{}, out: map[*gorgonia.Node]*gorgonia.Node{},
		info: tensors{}, quantize: map[*gorgonia.Node]*qops.Quantize{}, format: map[*gorgonia.Node]number.Format{},
	}
	gates := map[*gorgonia.Node]*gorgonia.Node{} // gradient -> the forward node that may have clipped
	if clippedZero {
		for n, g := range gradients {
			gates[g] = n
		}
	}
	for _, n := range nodes {
		if err := p.node(n, t, b, seed); err != nil {
			return nil, err
		}
		if forward := gates[n]; forward != nil {
			if err := p.gate(n, forward); err != nil {
				return nil, err
			}
		}
	}
	p.nodes = p.graph.AllNodes()
	return p, nil
}

func (p *placement) node(n *gorgonia.Node, t tensors, b *policy.Binding, seed uint64) error {
	info := t[n]
	var made *gorgonia.Node
	if n.Op() == nil {
		made = cloneInput(p.graph, n, info.point.Name)
	} else {
		op := n.Op().(qops.Op)
		in := make(gorgonia.Nodes, op.Arity())
		for i, o := range operands(n) {
			in[i] = p.out[o]
			edge := edgePoint(t, n, i, o)
			if f, ok := b.Edge(edge); ok && !f.IsFloat32() {
				var err error
				if in[i], err = p.addQuantize(in[i], &tensorInfo{point: edge, channelAxis: t[o].channelAxis, sumAxis: t[o].sumAxis}, f, seed); err != nil {
					return err
				}
			}
		}
		made = qops.Apply(op, in...)
		if random, ok := op.(qops.Random); ok {
			random.SetStream(number.NewStream(seed, info.point.Name+".bits"))
		}
	}
	p.raw[n], p.out[n], p.info[made] = made, made, info
	if !hasFormat(n, t) {
		if op := n.Op().(qops.Op); !op.Moves() {
			p.format[made] = number.Format{} // bare
		}
		return nil
	}
	f := b.Format(info.point)
	p.format[made] = f
	if f.IsFloat32() {
		return nil
	}
	quantized, err := p.addQuantize(made, info, f, seed)
	p.out[n] = quantized
	return err
}

func (p *placement) addQuantize(x *gorgonia.Node, info *tensorInfo, f number.Format, seed uint64) (*gorgonia.Node, error) {
	if _, err := f.Blocks(x.Shape(), info.axis(f)); err != nil {
		return nil, errors.Wrapf(err, "graph: tensor %q of shape %v", info.point.Name, x.Shape())
	}
	if x.Dtype() == gorgonia.Float32 {
		if err := f.FitsFloat32(); err != nil {
			return nil, errors.Wrapf(err, "graph: tensor %q", info.point.Name)
		}
	}
	n, op := qops.NewQuantize(x, f, info.axis(f), number.NewStream(seed, info.point.Name))
	p.quantize[n] = op
	p.info[n] = info
	p.format[n] = f
	return n, nil
}

// gate lets the gradient of a forward node pass only where its quantize node did not clip.
func (p *placement) gate(gradient, forward *gorgonia.Node) error {
	quantized := p.out[forward]
	if quantized == nil || p.quantize[quantized] == nil {
		return nil
	}
	gated, err := qops.NewClipGate(p.out[gradient], quantized)
	if err != nil {
		return err
	}
	info := *p.info[p.raw[gradient]]
	info.point.Name += ".gated"
	p.info[gated] = &info
	p.out[gradient] = gated
	return nil
}

// describe fills the tables of a graph whose quantize nodes a pass has placed already.
func (p *placement) describe() {
	p.quantize, p.format = map[*gorgonia.Node]*qops.Quantize{}, map[*gorgonia.Node]number.Format{}
	for _, n := range p.nodes {
		switch op := n.Op().(type) {
		case *qops.Quantize:
			p.quantize[n], p.format[n] = op, op.Format
			p.format[operands(n)[0]] = op.Format
		case *qops.IntegerInput:
			p.format[n] = op.Grid.Format
		case *qops.IntegerBias:
			p.format[n] = op.Format
		case *qops.IntegerSum:
			p.format[n] = op.Accumulator.Format
		case *qops.Requantize:
			p.format[n] = op.Grid.Format
		case *qops.IntegerAdd:
			p.format[n] = op.Grid.Format
		case *qops.IntegerMean:
			p.format[n] = op.Grid.Format
		}
	}
}
