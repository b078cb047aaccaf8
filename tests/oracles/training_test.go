package oracles_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
)

// TestQPyTorchTraining trains a residual network under qpytorch8, rounding to nearest, with the data that QPyTorch trained
// it with: every tensor behind a quantizer, forward and backward, and all that OptimLP keeps are the same bits.
func TestQPyTorchTraining(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for _, set := range []string{"go", "avx2", "avx512"} {
		if isa.Use(set) != nil {
			continue // of another processor
		}
		t.Run(set, func(t *testing.T) {
			checkTraining(t)
			checkTraining(t, graph.Reference())
		})
	}
}

// trainingOracle is the name of its file.
const trainingOracle = "qtorch_training"

// training holds what the oracle stored.
type training struct {
	LearningRate float64 `json:"learning_rate"`
	Momentum     float64
	Decay        float64
	Steps        int
	Cases        []string
	arrays       map[string]*npy.Array
}

func readTraining(t *testing.T) training {
	data, err := os.ReadFile(filepath.Join("vectors", trainingOracle+".npz"))
	require.NoError(t, err)
	arrays, err := npy.ParseArchive(data)
	require.NoError(t, err)
	var v training
	text, err := npy.Elements[uint8](arrays["cases"])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	v.arrays = arrays
	return v
}

func (v training) values(t *testing.T, step int, name string) []float32 {
	stored := v.arrays[fmt.Sprintf("%d/%s", step, name)]
	require.NotNil(t, stored, "%d/%s", step, name)
	words, err := npy.Elements[uint32](stored)
	require.NoError(t, err)
	return fromBits(words)
}

// errorsOf are the canonical names of the gradients of points.
var errorsOf = map[string]string{
	"stem/conv1.out":  "stem/relu1.grad-input", // what its only user computes
	"stem/relu1.out":  "stem/relu1.out.grad",   // a sum over two users
	"block/conv1.out": "block/conv1.out.grad",  // passed on by the residual sum, which has no point
	"block/relu1.out": "fc/reshape1.grad-input",
	"fc/add1.out":     "fc/add1.out.grad",
}

func checkTraining(t *testing.T, opts ...graph.Option) {
	v := readTraining(t)
	n := newResidual(t, v)
	p, err := policy.Load("qpytorch8")
	require.NoError(t, err)
	for role, f := range p.Default {
		p.Default[role] = f.WithRounding(number.NearestEven)
	}
	for _, r := range p.Rules {
		for role, f := range r.Formats {
			r.Formats[role] = f.WithRounding(number.NearestEven)
		}
	}
	behind := map[string][]float32{} // quantize nodes
	observe := graph.WithObserver(func(x graph.Tensor) {
		if !x.Format.IsFloat32() {
			behind[x.Name] = slices.Clone(x.Array.F32)
		}
	})
	n.program, err = graph.Compile(n.loss, n.nodes, p, append(opts, observe)...)
	require.NoError(t, err)
	config := &optimizers.LPSGD{
		Descent:       optimizers.Descent{LearningRate: v.LearningRate, Momentum: v.Momentum, Decay: v.Decay},
		RoundMomentum: optimizers.AfterUpdate,
	}
	optimizer, err := config.New(optimizers.Run{Problem: n, Seed: 1})
	require.NoError(t, err)
	compared := 4 + 2*v.Steps // the first weights, and the data
	equal := func(step int, name string, got []float32) {
		t.Helper()
		require.Equal(t, v.values(t, step, name), got, "step %d: %s", step, name)
		compared++
	}
	for step := 1; step <= v.Steps; step++ {
		copy(n.x.Value().Data().([]float32), v.values(t, step, "x"))
		copy(n.y.Value().Data().([]float32), v.values(t, step, "y"))
		clear(behind)
		_, err := optimizer.Step(t.Context())
		require.NoError(t, err)
		for point, gradient := range errorsOf {
			equal(step, point, behind[point])
			equal(step, point+".error", behind[gradient])
			delete(behind, point)
			delete(behind, gradient)
		}
		momentum := map[string][]float32{}
		for _, kept := range optimizer.State().Tensors {
			momentum[kept.Name] = kept.Value.F32
		}
		for i, q := range n.program.Parameters() {
			name := residualParameters[i].name
			equal(step, name+".gradient", q.Gradient.F32)
			equal(step, name, q.Value.F32)
			require.Contains(t, momentum, q.Name+".momentum")
			equal(step, name+".momentum", momentum[q.Name+".momentum"])
			delete(behind, q.Name)
		}
		for name := range behind {
			require.Contains(t, name, ".grad-", "no other tensor is rounded but the gradients of parameters")
		}
		require.Len(t, behind, len(residualParameters))
	}
	require.Len(t, v.Cases, compared, "all that is stored was compared")
}

var residualParameters = []struct {
	name, node string
	shape      []int
}{
	{"stem", "stem/weight", []int{4, 3, 3, 3}},
	{"block", "block/weight", []int{4, 4, 3, 3}},
	{"weight", "fc/weight", []int{4, 4}}, // (in, out)
	{"bias", "fc/bias", []int{4}},
}

// residual is the network of the script, as a problem for an optimizer.
type residual struct {
	x, y, loss *G.Node
	nodes      G.Nodes
	program    *graph.Program
}

func newResidual(t *testing.T, v training) *residual {
	g := G.NewGraph()
	leaf := func(name string, values []float32, shape ...int) *G.Node {
		if values == nil {
			values = make([]float32, tensor.Shape(shape).TotalSize())
		}
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
		return G.NewTensor(g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(value))
	}
	n := &residual{x: leaf("x", nil, 4, 3, 4, 4), y: leaf("y", nil, 4, 4)}
	for _, p := range residualParameters {
		n.nodes = append(n.nodes, leaf(p.node, v.values(t, 0, p.name), p.shape...))
	}
	conv := func(x, w *G.Node) *G.Node {
		return G.Must(G.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
	}
	x := n.x
	graph.Layer(g, "stem", func() { x = G.Must(G.Rectify(conv(x, n.nodes[0]))) })
	graph.Layer(g, "block", func() { x = G.Must(G.Rectify(G.Must(G.Add(conv(x, n.nodes[1]), x)))) })
	graph.Layer(g, "fc", func() {
		pooled := G.Must(G.Mean(G.Must(G.Reshape(x, tensor.Shape{4, 4, 16})), 2))
		y := G.Must(G.BroadcastAdd(G.Must(G.Mul(pooled, n.nodes[2])), n.nodes[3], nil, []byte{0}))
		n.loss = G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(y, n.y))))))
	})
	return n
}

// Parameters implements optimizers.Problem.
func (n *residual) Parameters() []*optimizers.Parameter {
	var out []*optimizers.Parameter
	for _, q := range n.program.Parameters() {
		out = append(out, &optimizers.Parameter{
			Name: q.Name, Shape: q.Node.Shape(), ChannelAxis: q.ChannelAxis, SumAxis: q.SumAxis,
			Value: optimizers.Vector{F32: q.Value.F32}, Gradient: optimizers.Vector{F32: q.Gradient.F32},
			Formats: optimizers.Formats{Momentum: q.Formats[policy.Momentum], Master: q.Formats[policy.Master]},
		})
	}
	return out
}

// Batches implements optimizers.Problem.
func (n *residual) Batches() int { return 1 }

// NextOuter implements optimizers.Problem.
func (n *residual) NextOuter(int) error { return nil }

// Gradient implements optimizers.Problem.
func (n *residual) Gradient(_ int, pass optimizers.Pass) (float64, error) {
	err := n.program.Run(graph.Pass{Domain: pass.Domain, Execution: pass.Execution, Backward: true, UpdateStatistics: pass.UpdateStatistics})
	return n.program.Loss(), err
}
