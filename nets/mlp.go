package nets

import (
	"fmt"

	"github.com/halftone-go/halftone/graph"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MLP is a multilayer perceptron: dense layers of the widths hidden, each followed by a ReLU, and a dense layer to classes.
//
// Inputs: (batch, features). Targets: one-hot (batch, classes). Layers: hidden1, hidden2, ..., output. Hidden weights
// begin with He's normal values and no bias, the last layer with uniform ones.
func MLP(dtype tensor.Dtype, batch, features int, hidden []int, classes int, seed uint64) (*Net, error) {
	sizes := []size{{"number of features", features}, {"number of classes", classes}}
	for _, width := range hidden {
		sizes = append(sizes, size{"width of a hidden layer", width})
	}
	net, err := newNet("mlp", dtype, batch, sizes...)
	if err != nil {
		return nil, err
	}
	x := net.input(dtype, "x", batch, features)
	y := net.target(dtype, "y", batch, classes)
	for i, width := range hidden {
		path := fmt.Sprintf("hidden%d", i+1)
		graph.Layer(net.Graph, path, func() {
			in := x.Shape()[1]
			w := net.parameter(dtype, seed, path+"/weight", he(in), in, width)
			b := net.parameter(dtype, seed, path+"/bias", zero, width)
			x = G.Must(G.Rectify(dense(x, w, b)))
		})
	}
	graph.Layer(net.Graph, "output", func() {
		in := x.Shape()[1]
		w := net.parameter(dtype, seed, "output/weight", fan(in), in, classes)
		b := net.parameter(dtype, seed, "output/bias", fan(in), classes)
		net.Output = dense(x, w, b)
		net.Loss = crossEntropy(net.Output, y)
	})
	return net, nil
}
