package train

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
)

const (
	smallSide    = 8
	smallClasses = 4
)

// smallSet has pictures with a bright quarter, whose place is the class, and noise.
func smallSet() *datasets.Images {
	split := func(count, seed int) datasets.Split {
		s := datasets.Split{}
		state := uint32(seed)
		for i := range count {
			label := i * 7 % smallClasses
			s.Labels = append(s.Labels, byte(label))
			for e := range 3 * smallSide * smallSide {
				state = state*1664525 + 1013904223
				y, x := e/smallSide%smallSide, e%smallSide
				pixel := state >> 25
				if y/4*2+x/4 == label {
					pixel += 60
				}
				s.Pixels = append(s.Pixels, byte(pixel))
			}
		}
		return s
	}
	return &datasets.Images{
		Classes: []string{"a", "b", "c", "d"}, Channels: 3, Height: smallSide, Width: smallSide,
		Mean: []float64{.3, .3, .3}, Std: []float64{.2, .2, .2}, Pad: 1,
		Train: split(53, 1), Test: split(21, 2),
	}
}

// smallNet has a convolution with batch norm, ReLU, and a dense layer.
func smallNet(o nets.Options) (*nets.Net, error) {
	g := G.NewGraph()
	net := &nets.Net{Name: "small", Graph: g, Batch: o.Batch}
	node := func(name string, shape ...int) *G.Node {
		return G.NewTensor(g, o.Dtype, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(tensor.New(tensor.Of(o.Dtype), tensor.WithShape(shape...))))
	}
	parameter := func(name string, first func(i int) float64, shape ...int) *G.Node {
		n := node(name, shape...)
		for i, data := 0, n.Value().Data().([]float32); i < len(data); i++ {
			data[i] = float32(first(i + int(o.Seed)))
		}
		net.Parameters = append(net.Parameters, n)
		return n
	}
	wave := func(scale float64) func(int) float64 {
		return func(i int) float64 { return scale * math.Sin(float64(i)*1.7+0.3) }
	}
	constant := func(x float64) func(int) float64 { return func(int) float64 { return x } }
	x := node("x", o.Batch, 3, smallSide, smallSide)
	y := node("y", o.Batch, o.Classes)
	net.Inputs, net.Targets = G.Nodes{x}, G.Nodes{y}
	h := x
	graph.Layer(g, "stem", func() {
		w := parameter("stem/conv.weight", wave(.3), 6, 3, 3, 3)
		h = G.Must(G.Conv2d(h, w, tensor.Shape{3, 3}, []int{1, 1}, []int{2, 2}, []int{1, 1}))
		var err error
		h, _, _, _, err = G.BatchNorm(h, parameter("stem/norm.scale", constant(1), 1, 6, 1, 1), parameter("stem/norm.bias", constant(0), 1, 6, 1, 1), 0.1, 1e-5)
		h = G.Must(G.Rectify(G.Must(h, err)))
	})
	graph.Layer(g, "fc", func() {
		h = G.Must(G.Reshape(h, tensor.Shape{o.Batch, 6 * 16}))
		h = G.Must(G.Mul(h, parameter("fc/weight", wave(.1), 6*16, o.Classes)))
		net.Output = G.Must(G.BroadcastAdd(h, parameter("fc/bias", constant(0), o.Classes), nil, []byte{0}))
		logarithms := G.Must(G.Log(G.Must(G.SoftMax(net.Output))))
		net.Loss = G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Sum(G.Must(G.HadamardProd(logarithms, y)), 1))))))
	})
	return net, nil
}

func shipped(t testing.TB, name string) *policy.Policy {
	t.Helper()
	p, err := policy.Load(name)
	require.NoError(t, err)
	return p
}

// small is a run of the small net with 6 batches to an epoch.
func small(t testing.TB, policyName, optimizer string, options ...string) Config {
	return Config{
		Model: "small", Build: smallNet, Set: smallSet(), Batch: 8,
		Policy: shipped(t, policyName), Optimizer: optimizer, Options: options,
		Steps: 20, EvaluateEvery: 7, Seed: 3, Threads: 1,
	}
}

// mustRun makes a run.
func mustRun(t testing.TB, c Config) *Result {
	t.Helper()
	result, err := Run(t.Context(), c)
	require.NoError(t, err)
	return result
}

// checkpointOf returns the bytes of a run's checkpoint.
func checkpointOf(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, CheckpointFile))
	require.NoError(t, err)
	return data
}

// withoutSeconds are rows as far as they are the same in equal runs.
func withoutSeconds(rows []Row) []Row {
	var list []Row
	for _, r := range rows {
		r.Seconds, r.Samples = 0, 0
		list = append(list, r)
	}
	return list
}

// textDir is a data folder with a short text.
func textDir(t testing.TB) string {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tinyshakespeare"), 0o700))
	text := ""
	for i := range 60 {
		text += string([]string{"hey nonny ", "no, ", "willow ", "wind and rain. "}[i*i%4])
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tinyshakespeare", "input.txt"), []byte(text), 0o600))
	return dir
}
