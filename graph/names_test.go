package graph_test

import (
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// Every tensor and every use of one has a name of its own: the name keys its random bits.
func TestCanonicalNamesAreUnique(t *testing.T) {
	models := map[string]model{"cnn": smallCNN(tensor.Float32, 2), "cell": smallLSTM(tensor.Float32, 3, 2), "residual": residualModel()}
	for _, name := range []string{"resnet14", "lstm", "mlp"} {
		models[name] = netModel(t, name, tensor.Float32, 2, 1)
	}
	for name, m := range models {
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"))
		require.NoError(t, err)
		type key struct {
			name string
			role policy.Role // of what an optimizer keeps, and of the sum inside an op
		}
		seen := map[key]bool{}
		for _, pt := range program.Points() {
			k := key{pt.Name, pt.Role}
			require.False(t, seen[k], "%s: %s (%s)", name, pt.Name, pt.Role)
			seen[k] = true
		}
		tensors := map[string]bool{}
		for _, e := range program.Explain() {
			require.False(t, tensors[e.Name], "%s: %s", name, e.Name)
			tensors[e.Name] = true
		}
	}
}

// The canonical names of a small model, all of them.
func TestCanonicalNames(t *testing.T) {
	g := gorgonia.NewGraph()
	input := func(name string, seed int, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, gorgonia.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(gorgonia.Float32, seed, 1, shape...)))
	}
	x, y := input("x", 1, 2, 3, 4, 4), input("y", 2, 2, 5)
	w, scale, shift := input("stem/conv.weight", 3, 4, 3, 3, 3), input("stem/norm.scale", 4, 1, 4, 1, 1), input("stem/norm.bias", 5, 1, 4, 1, 1)
	var h, loss *gorgonia.Node
	graph.Layer(g, "stem", func() {
		h = gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
		n, _, _, _, err := gorgonia.BatchNorm(h, scale, shift, 0.1, 1e-5)
		h = gorgonia.Must(gorgonia.Rectify(gorgonia.Must(n, err)))
	})
	v, b := input("fc/weight", 6, 64, 5), input("fc/bias", 7, 5)
	graph.Layer(g, "fc", func() {
		h = gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Reshape(h, tensor.Shape{2, 64})), v))
		h = gorgonia.Must(gorgonia.BroadcastAdd(h, b, nil, []byte{0}))
		p := gorgonia.Must(gorgonia.Log(gorgonia.Must(gorgonia.SoftMax(h))))
		loss = gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.HadamardProd(p, y))))))
	})
	program, err := graph.Compile(loss, gorgonia.Nodes{w, scale, shift, v, b}, shipped(t, "float32"))
	require.NoError(t, err)
	roles := map[string]policy.Role{}
	for _, e := range program.Explain() {
		roles[e.Name] = e.Role
	}
	require.Equal(t, map[string]policy.Role{
		"x": policy.Input, "y": policy.Input, "loss.grad": policy.Loss,
		"stem/conv.weight": policy.Weight, "stem/norm.scale": policy.Weight, "stem/norm.bias": policy.Bias,
		"fc/weight": policy.Weight, "fc/bias": policy.Bias,
		"stem/conv1.out":       policy.Activation,
		"stem/batchnorm1.mean": policy.Statistic, "stem/batchnorm1.variance": policy.Statistic, "stem/batchnorm1.invstd": policy.Statistic,
		"stem/batchnorm1.normalised": policy.Activation, "stem/batchnorm1.out": policy.Activation,
		"stem/relu1.out":  policy.Activation,
		"fc/reshape1.out": policy.Activation, "fc/dense1.out": policy.Activation, "fc/add1.out": policy.Activation,
		"fc/softmaxloss1.out":        policy.Loss,
		"fc/softmaxloss1.grad-input": policy.Error, "fc/add1.grad-bias": policy.Gradient,
		"fc/dense1.grad-input": policy.Error, "fc/dense1.grad-weight": policy.Gradient, "fc/reshape1.grad-input": policy.Error,
		"stem/relu1.grad-input":      policy.Error,
		"stem/batchnorm1.grad-scale": policy.Gradient, "stem/batchnorm1.grad-bias": policy.Gradient,
		"stem/batchnorm1.grad-normalised": policy.Error,
		"stem/batchnorm1.grad-mean-error": policy.Statistic, "stem/batchnorm1.grad-mean-product": policy.Statistic,
		"stem/batchnorm1.grad-input": policy.Error,
		"stem/conv1.grad-weight":     policy.Gradient,
	}, roles)

	var edges []string
	for _, pt := range program.Points() {
		if pt.IsEdge() && strings.Contains(pt.Name, ">stem/conv1") {
			edges = append(edges, pt.Name+" "+pt.Use)
		}
	}
	sort.Strings(edges)
	require.Equal(t, []string{
		"stem/batchnorm1.grad-input>stem/conv1.grad-weight.error backward-weight",
		"stem/conv.weight>stem/conv1.weight forward",
		"x>stem/conv1.grad-weight.input backward-weight",
		"x>stem/conv1.input forward",
	}, edges)
}

// Layer paths: nested ones join, the innermost layer that made a node has it, and what no layer made takes the path of
// the first parameter found breadth first, or "input".
func TestLayerPaths(t *testing.T) {
	g := gorgonia.NewGraph()
	matrix := func(name string, seed int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(3, 3), gorgonia.WithName(name), gorgonia.WithValue(values(gorgonia.Float32, seed, 1, 3, 3)))
	}
	mul := func(a, b *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Mul(a, b)) }
	x, far := matrix("data/x", 1), matrix("far/away/w", 2)
	near, plainName := matrix("near/w", 3), matrix("w", 4)
	var inner, outer, shared *gorgonia.Node
	graph.Layer(g, "stage", func() {
		outer = mul(x, far)
		graph.Layer(g, "/block/", func() {
			graph.Layer(g, "leaf", func() { inner = mul(outer, far) })
		})
		graph.Layer(g, "block", func() { shared = gorgonia.Must(gorgonia.Sigmoid(inner)) })
		outer = gorgonia.Must(gorgonia.Tanh(shared))
	})
	graph.Layer(g, "later", func() {
		again := gorgonia.Must(gorgonia.Sigmoid(inner)) // Gorgonia gives the node that is there already
		require.Same(t, shared, again)
	})
	untagged := mul(outer, near)                            // operands: outer (stage), near
	deeper := mul(untagged, plainName)                      // a parameter whose name has no path: further down, near/w
	data := gorgonia.Must(gorgonia.Square(x))               // no parameter: its name is no layer
	loss := mean(gorgonia.Must(gorgonia.Add(deeper, data))) // breadth first: near/w, again
	program, err := graph.Compile(loss, gorgonia.Nodes{far, near, plainName}, shipped(t, "float32"))
	require.NoError(t, err)
	layers := map[string]string{}
	for _, pt := range program.Points() {
		if !pt.IsEdge() && pt.Use != policy.BackwardData && pt.Use != policy.BackwardWeight {
			layers[pt.Name] = pt.Layer
		}
	}
	want := map[string]string{
		"data/x": "input", "far/away/w": "far/away", "near/w": "near", "w": "input", "loss.grad": "near",
		"stage/dense1.out": "stage", "stage/block/leaf/dense1.out": "stage/block/leaf", "stage/block/sigmoid1.out": "stage/block", "stage/tanh1.out": "stage",
		"near/dense1.out": "near", "near/dense2.out": "near", "input/square1.out": "input", "near/add1.out": "near", "near/mean1.out": "near",
	}
	require.Equal(t, want, layers)
}

// A parameter that is moved before it is used has the role and the channels of its use.
func TestParametersThatAreMoved(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("x"), gorgonia.WithValue(values(gorgonia.Float32, 1, 1, 2, 3)))
	w := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(4, 3), gorgonia.WithName("fc/w"), gorgonia.WithValue(values(gorgonia.Float32, 2, 1, 4, 3)))
	b := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(2, 2), gorgonia.WithName("fc/b"), gorgonia.WithValue(values(gorgonia.Float32, 3, 1, 2, 2)))
	h := must(qops.NewBiasAdd(gorgonia.Must(gorgonia.Mul(x, gorgonia.Must(gorgonia.Transpose(w, 1, 0)))), must(qops.NewReshape(b, []int{4}))))
	seen := newRecorder()
	p := withRules(t, shipped(t, "swalp8"), `{match: fc, gradient: "fixed:w8f6,rne,sat"}`)
	_, grads, program := halftone(t, model{loss: mean(gorgonia.Must(gorgonia.Square(h))), parameters: gorgonia.Nodes{w, b}}, p, seen.option())
	require.Equal(t, policy.Weight, program.Parameters()[0].Role)
	require.Equal(t, 0, program.Parameters()[0].ChannelAxis, "the output channels of a transposed weight")
	require.Equal(t, 1, program.Parameters()[0].SumAxis, "the terms of a sum with a transposed weight")
	require.Equal(t, policy.Bias, program.Parameters()[1].Role)
	for i, q := range program.Parameters() {
		require.Equal(t, "fixed:w8f6,rne,sat", q.Formats[policy.Gradient].String())
		for _, v := range grads[i] {
			require.Equal(t, float64(int(v*64)), v*64, "gradient %v of %s is not on its grid", v, q.Name)
		}
	}
}
