package nets

import (
	"fmt"

	"github.com/halftone-go/halftone/graph"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

const (
	lstmEmbedding = 128
	lstmHidden    = 128
)

// LSTM is a character-level language model: an embedding of 128, two LSTM layers of 128 (Hochreiter and Schmidhuber, Neural
// Computation 9, 1997, with forget gates), and a dense layer to the vocabulary, unrolled over steps characters. Each
// layer computes, with x its input and h, c its state,
//
//	i, f, o = sigmoid(x*Wx + h*Wh + b),   g = tanh(x*Wx + h*Wh + b),   c' = f*c + i*g,   h' = o*tanh(c'),
//
// with weights and bias of its own for each of i, f, g and o. First values are drawn as PyTorch does: the embedding
// normal with deviation 1, all else uniform within 1/sqrt(128). It has 279,873 parameters for a vocabulary of 65;
// PyTorch counts 1,024 more, because it keeps a second bias per gate that is added to the first.
//
// Inputs: steps one-hot matrices (batch, vocabulary). Targets: likewise. The loss is the mean over batch and steps.
// States: h and c of both layers, (batch, 128). Layers: embedding, lstm1, lstm2, output.
func LSTM(dtype tensor.Dtype, batch, steps, vocabulary int, seed uint64) (*Net, error) {
	net, err := newNet("lstm", dtype, batch, size{"number of steps", steps}, size{"vocabulary", vocabulary})
	if err != nil {
		return nil, err
	}
	var embedding, w, b *G.Node
	graph.Layer(net.Graph, "embedding", func() {
		embedding = net.parameter(dtype, seed, "embedding/weight", normal(1), vocabulary, lstmEmbedding)
	})
	layers := []*lstmLayer{
		newLSTMLayer(net, dtype, seed, "lstm1", lstmEmbedding),
		newLSTMLayer(net, dtype, seed, "lstm2", lstmHidden),
	}
	graph.Layer(net.Graph, "output", func() {
		w = net.parameter(dtype, seed, "output/weight", fan(lstmHidden), lstmHidden, vocabulary)
		b = net.parameter(dtype, seed, "output/bias", fan(lstmHidden), vocabulary)
	})
	share := constant(dtype, "share", 1/float64(steps))
	for t := range steps {
		x := net.input(dtype, fmt.Sprintf("x%d", t+1), batch, vocabulary)
		y := net.target(dtype, fmt.Sprintf("y%d", t+1), batch, vocabulary)
		graph.Layer(net.Graph, "embedding", func() { x = G.Must(G.Mul(x, embedding)) })
		for _, layer := range layers {
			graph.Layer(net.Graph, layer.path, func() { x = layer.step(x) })
		}
		graph.Layer(net.Graph, "output", func() {
			net.Output = dense(x, w, b)
			loss := G.Must(G.HadamardProd(crossEntropy(net.Output, y), share))
			if t > 0 {
				loss = G.Must(G.Add(net.Loss, loss))
			}
			net.Loss = loss
		})
	}
	return net, nil
}

// constant is a named number.
func constant(dtype tensor.Dtype, name string, value float64) *G.Node {
	if dtype == tensor.Float32 {
		return G.NewConstant(float32(value), G.WithName(name))
	}
	return G.NewConstant(value, G.WithName(name))
}

// lstmLayer is one layer with its state, which advances with each step.
type lstmLayer struct {
	path         string
	wx, wh, bias [4]*G.Node // of the gates i, f, g, o
	h, c         *G.Node
}

func newLSTMLayer(net *Net, dtype tensor.Dtype, seed uint64, path string, inputs int) *lstmLayer {
	l := &lstmLayer{path: path}
	graph.Layer(net.Graph, path, func() {
		for i, gate := range []string{"i", "f", "g", "o"} {
			l.wx[i] = net.parameter(dtype, seed, fmt.Sprintf("%s/%s.input-weight", path, gate), fan(lstmHidden), inputs, lstmHidden)
			l.wh[i] = net.parameter(dtype, seed, fmt.Sprintf("%s/%s.state-weight", path, gate), fan(lstmHidden), lstmHidden, lstmHidden)
			l.bias[i] = net.parameter(dtype, seed, fmt.Sprintf("%s/%s.bias", path, gate), fan(lstmHidden), lstmHidden)
		}
		l.h = net.zeros(dtype, path+"/h", net.Batch, lstmHidden)
		l.c = net.zeros(dtype, path+"/c", net.Batch, lstmHidden)
	})
	net.States = append(net.States, l.h, l.c)
	return l
}

// step advances the state by one input and returns the new h.
func (l *lstmLayer) step(x *G.Node) *G.Node {
	// Four products instead of one that is sliced: Gorgonia takes slices with bounds that are equal modulo 256 for one.
	gate := func(i int) *G.Node {
		sum := G.Must(G.Add(G.Must(G.Mul(x, l.wx[i])), G.Must(G.Mul(l.h, l.wh[i]))))
		return G.Must(G.BroadcastAdd(sum, l.bias[i], nil, []byte{0}))
	}
	in, forget := G.Must(G.Sigmoid(gate(0))), G.Must(G.Sigmoid(gate(1)))
	candidate, out := G.Must(G.Tanh(gate(2))), G.Must(G.Sigmoid(gate(3)))
	l.c = G.Must(G.Add(G.Must(G.HadamardProd(forget, l.c)), G.Must(G.HadamardProd(in, candidate))))
	l.h = G.Must(G.HadamardProd(out, G.Must(G.Tanh(l.c))))
	return l.h
}
