package nets_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// small are options under which every net is quick.
func small(dtype tensor.Dtype) nets.Options {
	return nets.Options{Dtype: dtype, Batch: 3, Seed: 1, Features: 12, Classes: 10, Hidden: []int{8, 6}, Steps: 3, Vocabulary: 20}
}

func build(t *testing.T, name string, o nets.Options) *nets.Net {
	t.Helper()
	net, err := nets.Build(name, o)
	require.NoError(t, err)
	return net
}

// feed fills the inputs with noise and gives each sample a target.
func feed(net *nets.Net) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range net.Inputs {
		oneHot := len(net.Inputs) > 1
		for i := range net.Batch {
			width := n.Shape().TotalSize() / net.Batch
			class := random.IntN(width)
			for j := range width {
				switch v := random.NormFloat64(); {
				case !oneHot:
					set(n, i*width+j, v)
				case j == class:
					set(n, i*width+j, 1)
				}
			}
		}
	}
	for _, n := range net.Targets {
		for i := range net.Batch {
			set(n, i*n.Shape()[1]+random.IntN(n.Shape()[1]), 1)
		}
	}
}

func set(n *G.Node, i int, v float64) {
	switch data := n.Value().Data().(type) {
	case []float32:
		data[i] = float32(v)
	case []float64:
		data[i] = v
	}
}

func floats(v G.Value) []float64 {
	switch data := v.Data().(type) {
	case float64:
		return []float64{data}
	case float32:
		return []float64{float64(data)}
	case []float64:
		return slices.Clone(data)
	case []float32:
		out := make([]float64, len(data))
		for i, x := range data {
			out[i] = float64(x)
		}
		return out
	}
	panic(fmt.Sprintf("%T", v.Data()))
}

// loss runs the net forward on plain Gorgonia.
func loss(t *testing.T, net *nets.Net) float64 {
	t.Helper()
	var value G.Value
	G.Read(net.Loss, &value)
	machine := G.NewTapeMachine(net.Graph)
	defer machine.Close()
	require.NoError(t, machine.RunAll())
	return floats(value)[0]
}

func TestParameterCounts(t *testing.T) {
	o := nets.Options{Dtype: tensor.Float32, Batch: 2, Features: 784, Classes: 10, Hidden: []int{128, 64}, Steps: 2, Vocabulary: 65}
	for name, want := range map[string]int{
		"resnet14": 175_066,
		"lstm":     279_873,
		"mlp":      784*128 + 128 + 128*64 + 64 + 64*10 + 10,
		"logistic": 784*10 + 10,
		"linear":   784 + 1,
	} {
		assert.Equal(t, want, build(t, name, o).Count(), name)
	}
}

// Counted layer by layer: convolutions without bias, two values per channel for each batch norm, and the dense layer.
func TestParameterCountsOfWideResNet14(t *testing.T) {
	for width, want := range map[int]int{1: 175_066, 2: 696_234, 4: 2_776_906} {
		conv := func(in, out, kernel int) int { return in * out * kernel * kernel }
		a, b, c := 16*width, 32*width, 64*width
		count := conv(3, a, 3) + 4*conv(a, a, 3) + conv(a, b, 3) + conv(a, b, 1) + 3*conv(b, b, 3) + conv(b, c, 3) + conv(b, c, 1) + 3*conv(c, c, 3) +
			2*(5*a+4*b+4*c) + 10*c + 10
		net, err := nets.WideResNet14(tensor.Float32, 2, width, 1)
		require.NoError(t, err)
		assert.Equal(t, count, net.Count())
		assert.Equal(t, want, count)
	}
	_, err := nets.WideResNet14(tensor.Float32, 2, 0, 1)
	assert.ErrorContains(t, err, "width is 0")
}

// Before training a net knows nothing: its loss is about that of a uniform guess, and exactly that where it begins at 0.
func TestFirstLoss(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, want := range map[string]struct{ loss, within float64 }{
			"resnet14": {math.Log(10), .7},
			"lstm":     {math.Log(20), .2},
			"mlp":      {math.Log(10), .7},
			"logistic": {math.Log(10), 1e-6},
			"linear":   {.5, 1e-6},
		} {
			net := build(t, name, small(dtype))
			feed(net)
			assert.InDelta(t, want.loss, loss(t, net), want.within, name)
		}
	}
}

// The lstm's loss is the mean over windows and characters: with equal logits it is log(vocabulary) for any sizes.
func TestLSTMLossIsPerCharacter(t *testing.T) {
	o := small(tensor.Float64)
	o.Batch, o.Steps = 5, 7
	net := build(t, "lstm", o)
	for _, p := range net.Parameters {
		if p.Name() == "output/weight" || p.Name() == "output/bias" {
			for i := range p.Shape().TotalSize() {
				set(p, i, 0)
			}
		}
	}
	feed(net)
	assert.InDelta(t, math.Log(20), loss(t, net), 1e-12)
}

func TestParametersAreReproducible(t *testing.T) {
	for _, name := range nets.Names() {
		o := small(tensor.Float64)
		a, b := build(t, name, o), build(t, name, o)
		o.Seed = 2
		c := build(t, name, o)
		o.Seed, o.Dtype = 1, tensor.Float32
		d := build(t, name, o)
		names := make(map[string]bool)
		drawn, changed := false, false
		for i, p := range a.Parameters {
			require.False(t, names[p.Name()], "%s: two parameters are called %s", name, p.Name())
			names[p.Name()] = true
			values := floats(p.Value())
			require.Equal(t, values, floats(b.Parameters[i].Value()))
			changed = changed || !slices.Equal(values, floats(c.Parameters[i].Value()))
			for e, v := range floats(d.Parameters[i].Value()) {
				require.Equal(t, float64(float32(values[e])), v)
				drawn = drawn || v != 0 && v != 1
			}
		}
		assert.Equal(t, drawn, changed, "%s: another seed gives other values", name)
	}
}

func TestFirstValuesAreDistributedAsDocumented(t *testing.T) {
	deviation := func(p *G.Node) (mean, deviation, extreme float64) {
		values := floats(p.Value())
		for _, v := range values {
			mean += v / float64(len(values))
			extreme = max(extreme, math.Abs(v))
		}
		for _, v := range values {
			deviation += (v - mean) * (v - mean) / float64(len(values))
		}
		return mean, math.Sqrt(deviation), extreme
	}
	byName := make(map[string]*G.Node)
	for _, name := range []string{"resnet14", "lstm"} {
		for _, p := range build(t, name, small(tensor.Float64)).Parameters {
			byName[p.Name()] = p
		}
	}
	// 36,864 values: five standard errors of the mean and of the deviation are 2.6 and 1.8 % of the deviation.
	he := math.Sqrt(2.0 / (64 * 9))
	mean, spread, extreme := deviation(byName["stage3/block2/conv1.weight"])
	assert.InDelta(t, 0, mean, .026*he)
	assert.InEpsilon(t, he, spread, .018)
	assert.Greater(t, extreme, 3.5*he, "a normal distribution has tails")
	// 16,384 values, uniform.
	bound := 1 / math.Sqrt(128)
	mean, spread, extreme = deviation(byName["lstm2/g.state-weight"])
	assert.InDelta(t, 0, mean, .03*bound)
	assert.InEpsilon(t, bound/math.Sqrt(3), spread, .03)
	assert.LessOrEqual(t, extreme, bound)
	assert.Greater(t, extreme, .999*bound)
}

// The same bits on every processor. The values come from a Python program that does what the documentation of the
// initialisers says, with hashlib, integers and math.log.
func TestFirstValues(t *testing.T) {
	net := build(t, "resnet14", small(tensor.Float64))
	assert.Equal(t, "stem/conv.weight", net.Parameters[0].Name())
	assert.Equal(t, []float64{-0.1571817987094393, 0.05318219148198044, 0.5556545626599338, -0.2924558611904115}, floats(net.Parameters[0].Value())[:4])
	fc := net.Parameters[len(net.Parameters)-1]
	assert.Equal(t, []float64{0.0427871477113031, -0.018858698533613077, 0.11314148269539417}, floats(fc.Value())[:3])
}

// Gorgonia's gradients of every net agree with differences of the loss.
func TestGradients(t *testing.T) {
	for _, name := range nets.Names() {
		t.Run(name, func(t *testing.T) {
			o := small(tensor.Float64)
			o.Batch = 2
			net := build(t, name, o)
			feed(net)
			gradients := gradients(t, net)
			random := rand.New(rand.NewPCG(3, 4))
			for range 6 {
				p := random.IntN(len(net.Parameters))
				e := random.IntN(net.Parameters[p].Shape().TotalSize())
				at := floats(net.Parameters[p].Value())[e]
				const h = 1e-5
				moved := func(d float64) float64 {
					other := build(t, name, o)
					feed(other)
					set(other.Parameters[p], e, at+d)
					return loss(t, other)
				}
				difference := (moved(h) - moved(-h)) / (2 * h)
				assert.InDelta(t, difference, gradients[p][e], 1e-7*max(1, math.Abs(difference)), "%s[%d]", net.Parameters[p].Name(), e)
			}
		})
	}
}

func gradients(t *testing.T, net *nets.Net) [][]float64 {
	t.Helper()
	nodes, err := G.Grad(net.Loss, net.Parameters...)
	require.NoError(t, err)
	values := make([]G.Value, len(nodes))
	for i, n := range nodes {
		G.Read(n, &values[i])
	}
	machine := G.NewTapeMachine(net.Graph)
	defer machine.Close()
	require.NoError(t, machine.RunAll())
	var out [][]float64
	for _, v := range values {
		out = append(out, floats(v))
	}
	return out
}

// A multilayer perceptron learns the synthetic set with Gorgonia's own machine and solver.
func TestMLPLearns(t *testing.T) {
	set, err := datasets.LoadImages("synthetic", "")
	require.NoError(t, err)
	const batch, steps = 32, 40
	net := build(t, "mlp", nets.Options{Dtype: tensor.Float32, Batch: batch, Seed: 1, Features: 3072, Classes: 10, Hidden: []int{32}})
	epoch, err := datasets.NewBatches[float32](set, datasets.Order{Batch: batch, Shuffle: true, Whole: true})
	require.NoError(t, err)
	_, err = G.Grad(net.Loss, net.Parameters...)
	require.NoError(t, err)
	machine := G.NewTapeMachine(net.Graph, G.BindDualValues(net.Parameters...))
	defer machine.Close()
	solver := G.NewVanillaSolver(G.WithLearnRate(.02))
	x, y := net.Inputs[0].Value().Data().([]float32), net.Targets[0].Value().Data().([]float32)
	var losses []float64
	for step := range steps {
		_, err := epoch.Fill(step, [][]float32{x}, [][]float32{y})
		require.NoError(t, err)
		require.NoError(t, machine.RunAll())
		losses = append(losses, floats(net.Loss.Value())[0])
		require.NoError(t, solver.Step(G.NodesToValueGrads(net.Parameters)))
		machine.Reset()
	}
	mean := func(v []float64) (m float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		return m
	}
	assert.Less(t, mean(losses[steps-5:]), mean(losses[:5])-.5, "%v", losses)
}

// The nets compile under a policy, and their parameters lie in the documented layers.
func TestLayers(t *testing.T) {
	float, err := policy.Load("float32")
	require.NoError(t, err)
	for name, want := range map[string][]string{
		"resnet14": {"stem", "stage1/block1", "stage1/block2", "stage2/block1", "stage2/block2", "stage3/block1", "stage3/block2", "fc"},
		"lstm":     {"embedding", "lstm1", "lstm2", "output"},
		"mlp":      {"hidden1", "hidden2", "output"},
		"logistic": {"output"},
		"linear":   {"output"},
	} {
		t.Run(name, func(t *testing.T) {
			net := build(t, name, small(tensor.Float64))
			feed(net)
			program, err := graph.Compile(net.Loss, net.Parameters, float)
			require.NoError(t, err)
			var layers []string
			for _, p := range program.Parameters() {
				layers = append(layers, p.Layer)
			}
			assert.Equal(t, want, slices.Compact(layers))
			for _, e := range program.Explain() {
				if e.Op != "input" {
					assert.True(t, slices.ContainsFunc(want, func(layer string) bool { return strings.HasPrefix(e.Name, layer+"/") }), e.Name)
				}
			}
			require.NoError(t, program.Run(graph.Pass{Backward: true}))
			plain := build(t, name, small(tensor.Float64))
			feed(plain)
			assert.InEpsilon(t, loss(t, plain), program.Loss(), 1e-12)
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	_, err := nets.Build("resnet", small(tensor.Float32))
	assert.ErrorContains(t, err, `unknown model "resnet", did you mean resnet14?`)
	for name, change := range map[string]func(*nets.Options){
		"batch is 0":                   func(o *nets.Options) { o.Batch = 0 },
		"number of features is -1":     func(o *nets.Options) { o.Features = -1 },
		"number of classes is 0":       func(o *nets.Options) { o.Classes = 0 },
		"width of a hidden layer is 0": func(o *nets.Options) { o.Hidden = []int{3, 0} },
		"element type int":             func(o *nets.Options) { o.Dtype = tensor.Int },
	} {
		o := small(tensor.Float32)
		change(&o)
		_, err := nets.Build("mlp", o)
		assert.ErrorContains(t, err, "model mlp: "+name)
	}
}
