package nets

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// size is a quantity that a net is built with.
type size struct {
	name  string
	value int
}

// newNet begins a net. Its sizes, among them the batch size, are checked here, so that Gorgonia cannot refuse a shape later
// and gorgonia.Must guards against mistakes of this package alone.
func newNet(name string, dtype tensor.Dtype, batch int, sizes ...size) (*Net, error) {
	if dtype != tensor.Float32 && dtype != tensor.Float64 {
		return nil, errors.Errorf("model %s: element type %v, expected float32 or float64", name, dtype)
	}
	for _, s := range append([]size{{"batch", batch}}, sizes...) {
		if s.value < 1 {
			return nil, errors.Errorf("model %s: %s is %d, expected at least 1", name, s.name, s.value)
		}
	}
	return &Net{Name: name, Graph: G.NewGraph(), Batch: batch}, nil
}

// zeros makes a node that holds zeros for data or states to be written to.
func (n *Net) zeros(dtype tensor.Dtype, name string, shape ...int) *G.Node {
	return G.NewTensor(n.Graph, dtype, len(shape), G.WithShape(shape...), G.WithName(name),
		G.WithValue(tensor.New(tensor.Of(dtype), tensor.WithShape(shape...))))
}

// input makes a node for data.
func (n *Net) input(dtype tensor.Dtype, name string, shape ...int) *G.Node {
	node := n.zeros(dtype, name, shape...)
	n.Inputs = append(n.Inputs, node)
	return node
}

// target makes a node for what the net should answer.
func (n *Net) target(dtype tensor.Dtype, name string, shape ...int) *G.Node {
	node := n.zeros(dtype, name, shape...)
	n.Targets = append(n.Targets, node)
	return node
}

// crossEntropy is the mean over the batch of the cross-entropy of softmax(logits) and one-hot targets, both (batch,
// classes): -1/batch * sum over batch and classes of log(softmax(logits)) * target.
func crossEntropy(logits, targets *G.Node) *G.Node {
	logarithms := G.Must(G.Log(G.Must(G.SoftMax(logits))))
	perSample := G.Must(G.Sum(G.Must(G.HadamardProd(logarithms, targets)), 1))
	return G.Must(G.Neg(G.Must(G.Mean(perSample))))
}

// dense is x*w + b for x (batch, in), w (in, out) and b (out).
func dense(x, w, b *G.Node) *G.Node {
	return G.Must(G.BroadcastAdd(G.Must(G.Mul(x, w)), b, nil, []byte{0}))
}
