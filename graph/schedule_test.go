package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// randomCNN is a residual network of convolutions of random shapes, batch norms, ReLUs and biases, whose tensors are read
// by one op or by several.
func randomCNN(rng *rand.Rand, dtype tensor.Dtype, batch int) model {
	g := gorgonia.NewGraph()
	m := model{}
	input := func(name string, scale float64, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(dtype, rng.IntN(1000), scale, shape...)))
	}
	spread := rng.IntN(4) // of the exponents of a weight's output channels
	param := func(scale float64, shape ...int) *gorgonia.Node {
		n := input(fmt.Sprintf("layer%d/w%d", len(m.parameters)%4, len(m.parameters)), scale, shape...)
		if len(shape) == 4 {
			shrink(n, spread)
		}
		m.parameters = append(m.parameters, n)
		return n
	}
	x := input("x", 1, batch, 1+rng.IntN(5), 5+rng.IntN(5), 5+rng.IntN(5))
	conv := func(x *gorgonia.Node, channels int, s qops.ConvShape) *gorgonia.Node {
		for axis := range 2 {
			if x.Shape()[2+axis]+2*s.Pad[axis] <= s.Dilation[axis]*(s.Kernel[axis]-1) {
				return x // it would leave no output
			}
		}
		return must(qops.NewConv(x, param(0.4, channels, x.Shape()[1], s.Kernel[0], s.Kernel[1]), s))
	}
	for i := range 2 + rng.IntN(3) {
		graph.Layer(g, fmt.Sprintf("layer%d", i), func() {
			channels := []int{3, 8, 17, 33}[rng.IntN(4)]
			shortcut := x
			if rng.IntN(3) > 0 { // to another shape
				k := [2]int{1 + rng.IntN(3), 1 + rng.IntN(3)}
				x = conv(x, channels, qops.ConvShape{Kernel: k, Pad: [2]int{rng.IntN(3), rng.IntN(2)}, Stride: [2]int{1 + rng.IntN(2), 1 + rng.IntN(3)}, Dilation: [2]int{1 + rng.IntN(2), 1}})
				shortcut = x
			}
			for range 1 + rng.IntN(2) {
				x = conv(x, x.Shape()[1], qops.ConvShape{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}})
				if c := x.Shape()[1]; rng.IntN(4) > 0 {
					x = must(qops.NewBatchNorm(x, param(1, c), param(1, c), 1e-3, qops.NewRunning(c, 0.1)))
				} else {
					x = must(qops.NewBiasAdd(x, param(1, c)))
				}
				if rng.IntN(3) > 0 {
					x = qops.NewReLU(x)
				}
			}
			if rng.IntN(3) > 0 {
				x = must(qops.NewAdd(x, shortcut))
			}
			if rng.IntN(3) > 0 {
				x = qops.NewReLU(x)
			}
		})
	}
	m.output = x
	n := tensor.Shape(x.Shape()).TotalSize()
	m.loss = must(qops.NewReduce(qops.NewSquare(must(qops.NewReshape(x, []int{n}))), 0, 0, true))
	return m
}

// shrink lets the exponents of a weight's output channels spread.
func shrink(w *gorgonia.Node, spread int) {
	a, err := qops.FromValue(w.Value())
	if err != nil {
		panic(err)
	}
	factor := func(i int) float64 { return math.Ldexp(1, -(i / (a.Size() / a.Shape[0]) % 4 * spread)) }
	for i := range a.F32 {
		a.F32[i] *= float32(factor(i))
	}
	for i := range a.F64 {
		a.F64[i] *= factor(i)
	}
}

// Steps in their planned order, sample by sample, give the bits of the reference, at any number of threads and on every
// instruction set: losses, gradients, output, running statistics and counts of several runs. Among them are errors so small
// or large that a sample decides how the sums of all are taken.
func TestConvolutionalNetworksEqualReference(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for seed := range uint64(24) {
		dtype := []tensor.Dtype{tensor.Float32, tensor.Float32, tensor.Float64}[seed%3]
		batch := []int{1, 2, 5, 9}[seed/3%4]
		scale := math.Ldexp(1, []int{0, -100, -120, 90}[seed%4])
		for _, name := range []string{"float32", "swalp8", "qpytorch8", "fixed8", "codes"} {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				run := func(what string, want map[string][]float64, options ...graph.Option) map[string][]float64 {
					got := runsOf(t, randomCNN(rand.New(rand.NewPCG(seed, 1)), dtype, batch), name, scale, options...)
					for tensor, values := range want {
						requireSame(t, values, got[tensor], what+": "+tensor)
					}
					return got
				}
				want := run("reference", nil, graph.Reference())
				for _, threads := range []int{1, 2, 3, 7} {
					run(fmt.Sprintf("%d threads", threads), want, graph.WithThreads(threads))
				}
				if seed%6 > 0 {
					return
				}
				for _, set := range []string{"avx512", "avx2", "go"} {
					if isa.Use(set) == nil { // else this processor has it not
						run(set, want, graph.WithThreads(2))
					}
				}
				require.NoError(t, isa.Use(best))
			})
		}
	}
}

// policyNamed is a shipped policy, or "codes": that of integers with one scale for all samples.
func policyNamed(t *testing.T, name string) *policy.Policy {
	t.Helper()
	if name != "codes" {
		return shipped(t, name)
	}
	p := shipped(t, "float32")
	p.Default[policy.Sum] = number.MustParse("exact")
	p.Default[policy.Input], p.Default[policy.Weight] = number.MustParse("int:w8,scale=max,rne,sat"), number.MustParse("int:w8,scale=max,block=channel,rne,sat")
	return p
}

// runsOf returns all that runs of a program leave, training ones with and without a backward pass, and evaluation.
func runsOf(t *testing.T, m model, policyName string, errorScale float64, options ...graph.Option) map[string][]float64 {
	t.Helper()
	p := policyNamed(t, policyName)
	program, err := graph.Compile(m.loss, m.parameters, p, append(options, graph.WithOutputs(m.output))...)
	require.NoError(t, err)
	program.SetErrorScale(errorScale)
	out := map[string][]float64{}
	for i, pass := range []graph.Pass{
		{Backward: true, UpdateStatistics: true}, {Evaluation: true}, {Backward: true, UpdateStatistics: true}, {}, {Evaluation: true, Backward: true}, {Backward: true},
	} {
		pass.Execution = uint32(i)
		require.NoError(t, program.Run(pass))
		note := func(name string, values ...float64) {
			out[fmt.Sprintf("%s of run %d", name, i)] = append([]float64(nil), values...)
		}
		note("loss", program.Loss())
		y := program.Output(m.output)
		note("output", append(floats(y.F32), y.F64...)...)
		for _, p := range program.Parameters() {
			if pass.Backward {
				note("gradient of "+p.Name, append(floats(p.Gradient.F32), p.Gradient.F64...)...)
			}
		}
		for _, n := range program.BatchNorms() {
			note("mean of "+n.Name, n.Running.Mean...)
			note("variance of "+n.Name, n.Running.Variance...)
		}
		for _, c := range program.Counts() {
			note("counts of "+c.Name, float64(c.Runs), float64(c.Stats.Count), float64(c.Stats.Clipped), float64(c.Stats.Underflowed), float64(c.Stats.NaN), float64(c.Stats.Inf))
		}
	}
	return out
}
