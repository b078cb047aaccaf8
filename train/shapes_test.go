package train

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets"
)

// oddNet has convolutions to 5 and 7 channels, the second with stride 2, then one to 3 channels that leaves a single value
// of each; batch norm behind all of them.
func oddNet(o nets.Options) (*nets.Net, error) {
	g := G.NewGraph()
	net := &nets.Net{Name: "odd", Graph: g, Batch: o.Batch}
	node := func(name string, shape ...int) *G.Node {
		return G.NewTensor(g, o.Dtype, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(tensor.New(tensor.Of(o.Dtype), tensor.WithShape(shape...))))
	}
	parameter := func(name string, constant, scale float64, shape ...int) *G.Node {
		n := node(name, shape...)
		for i, data := 0, n.Value().Data().([]float32); i < len(data); i++ {
			data[i] = float32(constant + float64(scale*math.Sin(float64(i)*1.7+0.3)))
		}
		net.Parameters = append(net.Parameters, n)
		return n
	}
	layer := func(path string, x *G.Node, channels, kernel, pad, stride int) (out *G.Node) {
		graph.Layer(g, path, func() {
			w := parameter(path+"/conv.weight", 0, .3, channels, x.Shape()[1], kernel, kernel)
			y := G.Must(G.Conv2d(x, w, tensor.Shape{kernel, kernel}, []int{pad, pad}, []int{stride, stride}, []int{1, 1}))
			scale, shift := parameter(path+"/norm.scale", 1, 0, 1, channels, 1, 1), parameter(path+"/norm.bias", 0, .1, 1, channels, 1, 1)
			y, _, _, _, err := G.BatchNorm(y, scale, shift, 0.1, 1e-5)
			out = G.Must(G.Rectify(G.Must(y, err)))
		})
		return out
	}
	x, y := node("x", o.Batch, 3, smallSide, smallSide), node("y", o.Batch, o.Classes)
	net.Inputs, net.Targets = G.Nodes{x}, G.Nodes{y}
	h := layer("one", x, 5, 3, 1, 1)
	h = layer("two", h, 7, 3, 1, 2)
	h = layer("three", h, 3, 4, 0, 1)
	graph.Layer(g, "fc", func() {
		h = G.Must(G.Mul(G.Must(G.Reshape(h, tensor.Shape{o.Batch, 3})), parameter("fc/weight", 0, .5, 3, o.Classes)))
		net.Output = G.Must(G.BroadcastAdd(h, parameter("fc/bias", 0, .1, o.Classes), nil, []byte{0}))
		logarithms := G.Must(G.Log(G.Must(G.SoftMax(net.Output))))
		net.Loss = G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Sum(G.Must(G.HadamardProd(logarithms, y)), 1))))))
	})
	return net, nil
}

// Channels that fill no vector, batches of one image, of an odd number and with a part of the data left over: the planned
// graph is the unplanned one, at any number of threads, and trains. A batch norm over a single value of each channel gives
// its shift, and no gradient.
func TestOddShapes(t *testing.T) {
	for _, policyName := range []string{"float32", "swalp8", "qpytorch8", "fixed8"} {
		for _, batch := range []int{1, 3, 8} {
			var want []byte
			for _, threads := range []int{1, 2, 3} {
				c := small(t, policyName, "lp-sgd", "momentum=0.9")
				c.Model, c.Build, c.Batch, c.Threads, c.Paranoid = "odd", oddNet, batch, threads, true
				c.Steps, c.EvaluateEvery, c.Out = 3, 3, filepath.Join(t.TempDir(), "a")
				result := mustRun(t, c)
				assert.Equal(t, 21, result.Rows[0].Samples)
				assert.True(t, finite(result.Rows[0].TrainLoss) && finite(result.Rows[0].Loss), "%s, batch %d", policyName, batch)
				if got := checkpointOf(t, c.Out); want == nil {
					want = got
				} else {
					require.Equal(t, want, got, "%s, batch %d, %d threads", policyName, batch, threads)
				}
			}
		}
	}
}

// An epoch has the whole batches; what is left over has its turn in other epochs, whose order is another one. A batch may
// hold the whole training part, and more than the test part.
func TestPartialBatches(t *testing.T) {
	for batch, batches := range map[int]int{1: 53, 8: 6, 26: 2, 52: 1, 53: 1} {
		c := small(t, "float32", "sgd")
		c.Batch, c.Steps, c.EvaluateEvery = batch, 0, 0
		s := sessionOf(t, c)
		assert.Equal(t, batches, s.problem.Batches())
		assert.Equal(t, batches, s.config.Steps, "an epoch")
		seen := map[int]bool{}
		for outer := range 12 {
			require.NoError(t, s.problem.NextOuter(outer))
			epoch := map[int]bool{}
			for b := range s.problem.Batches() {
				for _, sample := range s.problem.batches.Samples(b) {
					epoch[sample], seen[sample] = true, true
				}
			}
			assert.Len(t, epoch, batches*batch, "none twice")
		}
		assert.Len(t, seen, 53)
		m, err := s.network.evaluate(t.Context(), ignore)
		require.NoError(t, err)
		assert.Equal(t, 21, m.Samples)
	}
}
