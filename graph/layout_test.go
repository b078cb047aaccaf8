package graph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// blockyCNN is a residual network of random layers, most of whose tensors can lie in blocks. In between are layers of other
// numbers of channels, strides that no block takes, and ops that read planes.
func blockyCNN(rng *rand.Rand, batch int) model {
	g := gorgonia.NewGraph()
	m := model{}
	input := func(name string, scale float64, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(tensor.Float32, rng.IntN(1000), scale, shape...)))
	}
	param := func(scale float64, shape ...int) *gorgonia.Node {
		n := input(fmt.Sprintf("layer%d/w%d", len(m.parameters)%4, len(m.parameters)), scale, shape...)
		m.parameters = append(m.parameters, n)
		return n
	}
	x := input("x", 1, batch, []int{3, 16, 1}[rng.IntN(3)], 8, []int{8, 16, 12}[rng.IntN(3)])
	conv := func(x *gorgonia.Node, channels, k, stride int) *gorgonia.Node {
		s := qops.ConvShape{Kernel: [2]int{k, k}, Pad: [2]int{k / 2, k / 2}, Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1}}
		return must(qops.NewConv(x, param(0.3, channels, x.Shape()[1], k, k), s))
	}
	for i := range 3 {
		graph.Layer(g, fmt.Sprintf("layer%d", i), func() {
			channels := []int{16, 32, 16, 48, 10}[rng.IntN(5)]
			stride := 1
			if x.Shape()[3] >= 8 && x.Shape()[2] >= 4 {
				stride += rng.IntN(2)
			}
			shortcut := conv(x, channels, 1, stride)
			x = conv(x, channels, 3, stride)
			for range rng.IntN(3) {
				if rng.IntN(3) > 0 {
					x = must(qops.NewBatchNorm(x, param(1, channels), param(1, channels), 1e-3, qops.NewRunning(channels, 0.1)))
				} else {
					x = must(qops.NewBiasAdd(x, param(1, channels)))
				}
				if rng.IntN(2) > 0 {
					x = qops.NewReLU(x)
				}
				if rng.IntN(3) == 0 { // what reads planes
					x = must(qops.NewAveragePool(x, [2]int{1, 1}, [2]int{1, 1}))
				}
				x = conv(x, channels, 3, 1)
			}
			x = qops.NewReLU(must(qops.NewAdd(x, shortcut)))
		})
	}
	m.output = x
	if rng.IntN(2) == 0 { // else the output is read in blocks, too
		x = must(qops.NewReshape(x, []int{batch, x.Shape().TotalSize() / batch}))
	}
	x = qops.NewSquare(x)
	m.loss = must(qops.NewReduce(must(qops.NewReshape(x, []int{x.Shape().TotalSize()})), 0, 0, true))
	return m
}

// In blocks or in planes, networks give the bits of the reference: losses, gradients, output, running statistics and counts of
// several runs, at any number of threads and on every instruction set, and every tensor in between.
func TestNetworksInBlocksEqualReference(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	blocked, moved := 0, 0
	for seed := range uint64(12) {
		batch := []int{4, 1, 3}[seed%3]
		for _, name := range []string{"float32", "codes", "qpytorch8", "swalp8", "fixed8"} {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				run := func(what string, want map[string][]float64, options ...graph.Option) map[string][]float64 {
					got := runsOf(t, blockyCNN(rand.New(rand.NewPCG(seed, 2)), batch), name, 1, options...)
					for tensor, values := range want {
						requireSame(t, values, got[tensor], what+": "+tensor)
					}
					return got
				}
				want := run("reference", nil, graph.Reference())
				for _, threads := range []int{1, 2, 3, 7} {
					run(fmt.Sprintf("blocks, %d threads", threads), want, graph.WithThreads(threads), graph.WithBlocks())
				}
				run("planes", want, graph.WithoutBlocks())
				run("compared", want, graph.WithBlocks(), graph.WithParanoid())
				if seed%4 == 0 {
					for _, set := range []string{"go", "avx2"} {
						if isa.Use(set) == nil {
							run(set, want, graph.WithThreads(2), graph.WithBlocks())
						}
					}
					require.NoError(t, isa.Use(best))
				}
				m := blockyCNN(rand.New(rand.NewPCG(seed, 2)), batch)
				program, err := graph.Compile(m.loss, m.parameters, policyNamed(t, name), graph.WithBlocks(), graph.WithOutputs(m.output))
				require.NoError(t, err)
				require.NoError(t, program.Run(graph.Pass{Backward: true}))
				require.NoError(t, program.Overlaps())
				b, c := program.Layouts()
				blocked, moved = blocked+b, moved+c
			})
		}
	}
	require.Greater(t, blocked, 1000)
	require.Greater(t, moved, 200)
}

// Sums over one quantized operand only are taken in the tensor's type, on blocks as well.
func TestBlocksOfPartlyQuantizedNetworks(t *testing.T) {
	for seed := range uint64(6) {
		for _, roles := range [][]policy.Role{{policy.Activation, policy.Input}, {policy.Weight}, {policy.Error}} {
			var want []float32
			for i, options := range [][]graph.Option{{graph.Reference()}, {graph.WithBlocks()}, {graph.WithBlocks(), graph.WithParanoid()}} {
				p := shipped(t, "float32")
				p.Default[policy.Sum] = number.MustParse("exact")
				for _, role := range roles {
					p.Default[role] = number.MustParse("bfp:w8e8,block=sample,rne,sat")
					if role == policy.Weight {
						p.Default[role] = number.MustParse("bfp:w8e8,block=channel,rne,sat")
					}
				}
				m := blockyCNN(rand.New(rand.NewPCG(seed, 3)), 3)
				program, err := graph.Compile(m.loss, m.parameters, p, options...)
				require.NoError(t, err)
				require.NoError(t, program.Run(graph.Pass{Backward: true, UpdateStatistics: true}))
				var got []float32
				for _, q := range program.Parameters() {
					got = append(got, q.Gradient.F32...)
				}
				if i == 0 {
					want = got
					continue
				}
				blocked, _ := program.Layouts()
				require.Positive(t, blocked)
				requireSameBits(t, want, got, "seed %d, %v", seed, roles)
			}
		}
	}
}

// ResNet-14 lies in blocks from the stem to the pool, in float32 and on codes of 8 bits. What convolutions do not pay for
// stays in planes.
func TestBlocksWhereTheyPay(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	alone := 0
	layouts := func(name string, options ...graph.Option) (blocked, moved int) {
		net, err := nets.ResNet14(tensor.Float32, 2, 1)
		require.NoError(t, err)
		program, err := graph.Compile(net.Loss, net.Parameters, shipped(t, name), options...)
		require.NoError(t, err)
		alone = program.CodesAlone()
		return program.Layouts()
	}
	blocked, moved := layouts("float32")
	if kernel.FastBlocks() {
		require.Greater(t, blocked, 100)
		require.Equal(t, 2, moved, "to the pool, and back from it")
	} else {
		require.Zero(t, blocked+moved)
	}
	for _, options := range []graph.Option{graph.Reference(), graph.WithoutBlocks(), graph.WithObserver(func(graph.Tensor) {})} {
		blocked, moved = layouts("float32", options)
		require.Zero(t, blocked+moved)
	}
	require.Zero(t, alone)
	for _, name := range []string{"swalp8", "qpytorch8"} {
		blocked, moved = layouts(name)
		if good := (kernel.Conv{N: 1, C: 16, H: 8, W: 8, OC: 16, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}); good.TakesBlocksInt8() {
			require.Greater(t, blocked, 150, name)
			require.Equal(t, 2, moved, name)
			require.GreaterOrEqual(t, alone, 14, "the errors of all convolutions but the first, and the activations between two of them")
		}
	}

	few := func(side int) (blocked, moved int) {
		g := gorgonia.NewGraph()
		x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(2, 16, side, side), gorgonia.WithName("x"), gorgonia.WithValue(values(tensor.Float32, 1, 1, 2, 16, side, side)))
		w := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(16, 16, 1, 1), gorgonia.WithName("w"), gorgonia.WithValue(values(tensor.Float32, 2, 1, 16, 16, 1, 1)))
		y := must(qops.NewConv(x, w, qops.ConvShape{Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}))
		loss := must(qops.NewReduce(must(qops.NewReshape(y, []int{y.Shape().TotalSize()})), 0, 0, true))
		program, err := graph.Compile(loss, gorgonia.Nodes{w}, shipped(t, "float32"))
		require.NoError(t, err)
		return program.Layouts()
	}
	blocked, moved = few(8)
	require.Zero(t, blocked+moved, "a product of a few terms between tensors in planes")

	require.NoError(t, isa.Use("go"))
	blocked, moved = layouts("float32")
	require.Zero(t, blocked+moved, "without kernels")
}

// A wrong element of a tensor in blocks is named by its place in planes.
func TestParanoidRunsNameElementsOfBlocks(t *testing.T) {
	m := blockyCNN(rand.New(rand.NewPCG(1, 2)), 4)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithBlocks(), graph.WithThreads(2), graph.WithParanoid())
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true}))
	name := ""
	for _, e := range program.Explain() {
		if e.Op == "conv" && len(e.Shape) == 4 && e.Shape[0] == 4 && e.Shape[1]%16 == 0 {
			name = e.Name
			break
		}
	}
	require.NotEmpty(t, name)
	for _, element := range []int{0, 5, 100, 1234} {
		program.Corrupt(name, element)
		require.ErrorContains(t, program.Run(graph.Pass{Backward: true}), fmt.Sprintf(": element %d of", element))
	}
}
