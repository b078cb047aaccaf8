package graph

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// rewriting copies a graph node by node into a new one, where a pass may put something else in a node's place.
type rewriting struct {
	graph *gorgonia.ExprGraph
	made  map[*gorgonia.Node]*gorgonia.Node
	info  tensors // of the new nodes
	old   tensors
}

func newRewriting(old tensors) *rewriting {
	return &rewriting{graph: gorgonia.NewGraph(), made: map[*gorgonia.Node]*gorgonia.Node{}, info: tensors{}, old: old}
}

// copy adds n as it is.
func (w *rewriting) copy(n *gorgonia.Node) *gorgonia.Node {
	if n.Op() == nil {
		return w.set(n, cloneInput(w.graph, n, w.old[n].point.Name), w.old[n])
	}
	in := make(gorgonia.Nodes, 0, n.Op().Arity())
	for _, o := range operands(n) {
		in = append(in, w.made[o])
	}
	return w.set(n, qops.Apply(n.Op().(qops.Op), in...), w.old[n])
}

// copyOf is the plain copy of an input, behind which a pass may have put a quantize node.
func (w *rewriting) copyOf(n *gorgonia.Node) *gorgonia.Node {
	made := w.made[n]
	for made != nil && made.Op() != nil {
		made = operands(made)[0]
	}
	return made
}

// set records what stands in the place of n.
func (w *rewriting) set(n, made *gorgonia.Node, info *tensorInfo) *gorgonia.Node {
	w.made[n] = made
	w.info[made] = info
	return made
}

// foldBatchNorms rebuilds the nodes with every batch norm that follows a convolution folded into it, with evaluation
// statistics. In float32, each operation rounded:
//
//	factor = gamma * (1/sqrt(variance + epsilon))      (the inverse deviation in float64, rounded to float32)
//	w'[o,...] = w[o,...] * factor[o],   b'[o] = beta[o] - mean[o]*factor[o]
//
// The weight keeps its name; the bias is named after the batch norm.
func foldBatchNorms(nodes gorgonia.Nodes, t tensors) (*rewriting, error) {
	w := newRewriting(t)
	skip := map[*gorgonia.Node]bool{}
	for _, n := range nodes {
		if norm := foldable(n); norm != nil {
			for _, part := range norm.parts {
				skip[part] = true
			}
		}
	}
	for _, n := range nodes {
		if norm := foldable(n); norm != nil {
			if err := w.fold(n, norm); err != nil {
				return nil, err
			}
			continue
		}
		if skip[n] {
			continue
		}
		if kindOf(n) == "batchnorm" {
			return nil, errors.Errorf("graph: %s: only a batch norm of a convolution's output can be folded", t[n].point.Name)
		}
		w.copy(n)
	}
	return w, nil
}

// foldableNorm is a batch norm of a convolution.
type foldableNorm struct {
	conv, gamma, beta *gorgonia.Node
	epsilon           float64
	running           *qops.Running
	parts             gorgonia.Nodes // the nodes that vanish, besides the output
}

// foldable returns the batch norm that ends in n, if its input is a convolution of a parameter.
func foldable(n *gorgonia.Node) *foldableNorm {
	if _, ok := n.Op().(*qops.ScaleShift); !ok {
		return nil
	}
	in := operands(n)
	normalised := in[0]
	parts := operands(normalised) // x, mean, invstd
	conv, mean, invstd := parts[0], parts[1], parts[2]
	if kindOf(conv) != "conv" || operands(conv)[1].Op() != nil {
		return nil
	}
	return &foldableNorm{
		conv: conv, gamma: in[1], beta: in[2],
		epsilon: invstd.Op().(*qops.InverseDeviation).Epsilon,
		running: mean.Op().(*qops.BatchMean).Running,
		parts:   gorgonia.Nodes{conv, operands(conv)[1], in[1], in[2], mean, operands(invstd)[0], invstd, normalised},
	}
}

func (w *rewriting) fold(n *gorgonia.Node, norm *foldableNorm) error {
	weight := operands(norm.conv)[1]
	arrays := make([]*qops.Array, 3)
	for i, p := range []*gorgonia.Node{weight, norm.gamma, norm.beta} {
		if p.Value() == nil {
			return errors.Errorf("graph: parameter %q has no value to fold", w.old[p].point.Name)
		}
		a, err := qops.FromValue(p.Value())
		if err != nil {
			return err
		}
		arrays[i] = a
	}
	foldedWeight, foldedBias := foldValues(arrays[0], arrays[1], arrays[2], norm)
	wInfo, bInfo := *w.old[weight], *w.old[norm.beta]
	bInfo.point.Name = join(w.old[n].point.Layer, w.old[n].opName+".folded-bias")
	bInfo.point.Role = policy.Bias
	wNode := w.input(weight, wInfo.point.Name, foldedWeight)
	bNode := w.input(norm.beta, bInfo.point.Name, foldedBias)
	w.set(weight, wNode, &wInfo)
	w.set(norm.beta, bNode, &bInfo)
	conv := w.set(norm.conv, qops.Apply(norm.conv.Op().(qops.Op), w.made[operands(norm.conv)[0]], wNode), w.old[norm.conv])
	biased, err := qops.NewBiasAdd(conv, bNode)
	if err != nil {
		return err
	}
	w.set(n, biased, w.old[n])
	return nil
}

func (w *rewriting) input(like *gorgonia.Node, name string, value gorgonia.Value) *gorgonia.Node {
	return gorgonia.NewUniqueNode(gorgonia.In(w.graph), gorgonia.WithType(like.Type()), gorgonia.WithName(name),
		gorgonia.WithShape(like.Shape()...), gorgonia.WithValue(value))
}

// foldValues computes the folded weight and bias in float32, whatever the tensors' type.
func foldValues(weight, gamma, beta *qops.Array, norm *foldableNorm) (w, b gorgonia.Value) {
	channels := gamma.Size()
	inner := weight.Size() / channels
	at := func(a *qops.Array, i int) float32 {
		if a.F64 != nil {
			return float32(a.F64[i])
		}
		return a.F32[i]
	}
	dtype := tensor.Float32
	if weight.F64 != nil {
		dtype = tensor.Float64
	}
	fw, fb := qops.NewArray(dtype, weight.Shape), qops.NewArray(dtype, beta.Shape)
	put := func(a *qops.Array, i int, v float32) {
		if a.F64 != nil {
			a.F64[i] = float64(v)
		} else {
			a.F32[i] = v
		}
	}
	for o := range channels {
		factor := at(gamma, o) * float32(1/math.Sqrt(norm.running.Variance[o]+norm.epsilon))
		for i := o * inner; i < (o+1)*inner; i++ {
			put(fw, i, at(weight, i)*factor)
		}
		put(fb, o, at(beta, o)-float32(float32(norm.running.Mean[o])*factor))
	}
	return fw.Value(), fb.Value()
}
