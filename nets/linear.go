package nets

import (
	"github.com/halftone-go/halftone/graph"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Logistic is multinomial logistic regression: one dense layer, from zeros, under softmax cross-entropy. It is convex.
//
// Inputs: (batch, features). Targets: one-hot (batch, classes). Layer: output.
func Logistic(dtype tensor.Dtype, batch, features, classes int) (*Net, error) {
	net, err := newNet("logistic", dtype, batch, size{"number of features", features}, size{"number of classes", classes})
	if err != nil {
		return nil, err
	}
	y := net.target(dtype, "y", batch, classes)
	graph.Layer(net.Graph, "output", func() {
		net.Output = zeroDense(net, dtype, features, classes)
		net.Loss = crossEntropy(net.Output, y)
	})
	return net, nil
}

// Linear is linear least squares: one dense layer to one value, from zeros, under half the mean squared error
// 1/(2*batch) * sum of (x*w + b - y)^2. It is convex.
//
// Inputs: (batch, features). Targets: (batch, 1). Layer: output.
func Linear(dtype tensor.Dtype, batch, features int) (*Net, error) {
	net, err := newNet("linear", dtype, batch, size{"number of features", features})
	if err != nil {
		return nil, err
	}
	y := net.target(dtype, "y", batch, 1)
	graph.Layer(net.Graph, "output", func() {
		net.Output = zeroDense(net, dtype, features, 1)
		residual := G.Must(G.Sub(net.Output, y))
		net.Loss = G.Must(G.HadamardProd(G.Must(G.Mean(G.Must(G.Square(residual)))), constant(dtype, "half", 0.5)))
	})
	return net, nil
}

// zeroDense is a dense layer that begins at 0, so no seed enters.
func zeroDense(net *Net, dtype tensor.Dtype, features, outputs int) *G.Node {
	x := net.input(dtype, "x", net.Batch, features)
	w := net.parameter(dtype, 0, "output/weight", zero, features, outputs)
	b := net.parameter(dtype, 0, "output/bias", zero, outputs)
	return dense(x, w, b)
}
