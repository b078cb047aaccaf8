package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// model is a small network of a test.
type model struct {
	loss, output *gorgonia.Node
	parameters   gorgonia.Nodes
}

// smallCNN has a convolution, batch norm, ReLU, a residual sum, pooling, a dense layer with bias and softmax loss.
func smallCNN(dtype tensor.Dtype, batch int) model {
	g := gorgonia.NewGraph()
	m := model{}
	param := func(name string, seed int, scale float64, shape ...int) *gorgonia.Node {
		n := gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(dtype, seed, scale, shape...)))
		m.parameters = append(m.parameters, n)
		return n
	}
	x := gorgonia.NewTensor(g, dtype, 4, gorgonia.WithShape(batch, 3, 8, 8), gorgonia.WithName("x"), gorgonia.WithValue(values(dtype, 1, 1, batch, 3, 8, 8)))
	y := gorgonia.NewMatrix(g, dtype, gorgonia.WithShape(batch, 5), gorgonia.WithName("y"), gorgonia.WithValue(onehot(dtype, batch, 5)))
	block := func(x *gorgonia.Node, name string, out, stride, seed int) *gorgonia.Node {
		in := x.Shape()[1]
		w := param(name+"/w", seed, 0.3, out, in, 3, 3)
		s := param(name+"/scale", seed+1, 1, 1, out, 1, 1)
		b := param(name+"/bias", seed+2, 1, 1, out, 1, 1)
		h := gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{stride, stride}, []int{1, 1}))
		h, _, _, _, err := gorgonia.BatchNorm(h, s, b, 0.1, 1e-5)
		if err != nil {
			panic(err)
		}
		return h
	}
	var h *gorgonia.Node
	graph.Layer(g, "stem", func() { h = gorgonia.Must(gorgonia.Rectify(block(x, "stem", 4, 1, 10))) })
	graph.Layer(g, "block", func() {
		a := block(h, "block", 4, 1, 20)
		h = gorgonia.Must(gorgonia.Rectify(gorgonia.Must(gorgonia.Add(a, h))))
	})
	graph.Layer(g, "down", func() { h = gorgonia.Must(gorgonia.Rectify(block(h, "down", 8, 2, 30))) })
	graph.Layer(g, "fc", func() {
		h = gorgonia.Must(gorgonia.Reshape(h, tensor.Shape{batch, 8, 16}))
		h = gorgonia.Must(gorgonia.Mean(h, 2))
		h = gorgonia.Must(gorgonia.Mul(h, param("fc/w", 40, 0.5, 8, 5)))
		h = gorgonia.Must(gorgonia.BroadcastAdd(h, param("fc/b", 41, 0.5, 5), nil, []byte{0}))
	})
	m.output = h
	p := gorgonia.Must(gorgonia.Log(gorgonia.Must(gorgonia.SoftMax(h))))
	m.loss = gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.HadamardProd(p, y))))))
	return m
}

// smallLSTM is one cell unrolled over `steps` with separate gate products.
func smallLSTM(dtype tensor.Dtype, steps, batch int) model {
	const hidden, vocabulary = 6, 5
	g := gorgonia.NewGraph()
	m := model{}
	param := func(name string, seed int, shape ...int) *gorgonia.Node {
		n := gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(dtype, seed, 0.5, shape...)))
		m.parameters = append(m.parameters, n)
		return n
	}
	zero := func(name string) *gorgonia.Node {
		return gorgonia.NewMatrix(g, dtype, gorgonia.WithShape(batch, hidden), gorgonia.WithName(name), gorgonia.WithInit(gorgonia.Zeroes()))
	}
	var wx, wh, b [4]*gorgonia.Node
	for i := range wx {
		name := "lstm/" + string("ifog"[i])
		wx[i], wh[i], b[i] = param(name+"x", 10+i, vocabulary, hidden), param(name+"h", 20+i, hidden, hidden), param(name+"b", 30+i, hidden)
	}
	wy, by := param("out/w", 40, hidden, vocabulary), param("out/b", 41, vocabulary)
	h, c := zero("h0"), zero("c0")
	var total *gorgonia.Node
	for t := range steps {
		x := gorgonia.NewMatrix(g, dtype, gorgonia.WithShape(batch, vocabulary), gorgonia.WithName("x"+string(rune('a'+t))), gorgonia.WithValue(values(dtype, 50+t, 1, batch, vocabulary)))
		y := gorgonia.NewMatrix(g, dtype, gorgonia.WithShape(batch, vocabulary), gorgonia.WithName("y"+string(rune('a'+t))), gorgonia.WithValue(onehot(dtype, batch, vocabulary)))
		graph.Layer(g, "lstm", func() {
			var z [4]*gorgonia.Node
			for i := range z {
				z[i] = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Mul(x, wx[i])), gorgonia.Must(gorgonia.Mul(h, wh[i]))))
				z[i] = gorgonia.Must(gorgonia.BroadcastAdd(z[i], b[i], nil, []byte{0}))
			}
			in, forget, out := gorgonia.Must(gorgonia.Sigmoid(z[0])), gorgonia.Must(gorgonia.Sigmoid(z[1])), gorgonia.Must(gorgonia.Sigmoid(z[2]))
			c = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.HadamardProd(forget, c)), gorgonia.Must(gorgonia.HadamardProd(in, gorgonia.Must(gorgonia.Tanh(z[3]))))))
			h = gorgonia.Must(gorgonia.HadamardProd(out, gorgonia.Must(gorgonia.Tanh(c))))
		})
		graph.Layer(g, "out", func() {
			logits := gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(h, wy)), by, nil, []byte{0}))
			m.output = logits
			logp := gorgonia.Must(gorgonia.Log(gorgonia.Must(gorgonia.SoftMax(logits))))
			loss := gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.HadamardProd(logp, y))))))
			if total == nil {
				total = loss
			} else {
				total = gorgonia.Must(gorgonia.Add(total, loss))
			}
		})
	}
	m.loss = total
	return m
}

func values(dtype tensor.Dtype, seed int, scale float64, shape ...int) *tensor.Dense {
	n := tensor.Shape(shape).TotalSize()
	f64, f32 := make([]float64, n), make([]float32, n)
	for i := range f64 {
		f32[i] = float32(scale * math.Sin(float64(seed*1000+i*7)*1.37))
		f64[i] = float64(f32[i])
	}
	if dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(f64))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(f32))
}

func onehot(dtype tensor.Dtype, rows, classes int) *tensor.Dense {
	t := tensor.New(tensor.Of(dtype), tensor.WithShape(rows, classes))
	for i := range rows {
		var one any = float32(1)
		if dtype == tensor.Float64 {
			one = float64(1)
		}
		if err := t.SetAt(one, i, (i*3)%classes); err != nil {
			panic(err)
		}
	}
	return t
}

// plain runs the model on Gorgonia's own tape machine and returns the loss and the gradients.
func plain(t *testing.T, m model) (float64, [][]float64) {
	t.Helper()
	grads, err := gorgonia.Grad(m.loss, m.parameters...)
	require.NoError(t, err)
	var loss gorgonia.Value
	gorgonia.Read(m.loss, &loss)
	values := make([]gorgonia.Value, len(grads))
	for i, g := range grads {
		gorgonia.Read(g, &values[i])
	}
	vm := gorgonia.NewTapeMachine(m.loss.Graph())
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	out := make([][]float64, len(grads))
	for i, v := range values {
		out[i] = floats(v.Data())
	}
	return floats(loss.Data())[0], out
}

func floats(data any) []float64 {
	switch d := data.(type) {
	case []float64:
		return append([]float64(nil), d...)
	case []float32:
		out := make([]float64, len(d))
		for i, v := range d {
			out[i] = float64(v)
		}
		return out
	case float64:
		return []float64{d}
	case float32:
		return []float64{float64(d)}
	}
	panic("no floats")
}

// halftone runs the model under a policy.
func halftone(t *testing.T, m model, p *policy.Policy, opts ...graph.Option) (float64, [][]float64, *graph.Program) {
	t.Helper()
	program, err := graph.Compile(m.loss, m.parameters, p, opts...)
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true, UpdateStatistics: true}))
	out := make([][]float64, 0, len(m.parameters))
	for _, q := range program.Parameters() {
		if q.Gradient.F64 != nil {
			out = append(out, floats(q.Gradient.F64))
		} else {
			out = append(out, floats(q.Gradient.F32))
		}
	}
	return program.Loss(), out, program
}

func shipped(t *testing.T, name string) *policy.Policy {
	t.Helper()
	p, err := policy.Load(name)
	require.NoError(t, err)
	return p
}

// relativeError is the root mean square error relative to that of want.
func relativeError(got, want []float64) float64 {
	var e, w float64
	for i := range want {
		e += (got[i] - want[i]) * (got[i] - want[i])
		w += want[i] * want[i]
	}
	return math.Sqrt(e / math.Max(w, 1e-300))
}
