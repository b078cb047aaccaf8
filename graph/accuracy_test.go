package graph_test

import (
	"fmt"
	"math"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/qops/number"
)

// In float32 the loss agrees with float64 to 1e-5, and no tensor's gradient is more than 3 times as far from the float64
// one as plain Gorgonia's, in the median over 10 seeds.
func TestFloat32GradientsAreAsGoodAsGorgonias(t *testing.T) {
	for name, batch := range map[string]int{"resnet14": 2, "lstm": 3} {
		t.Run(name, func(t *testing.T) {
			ratios := map[string][]float64{}
			for seed := uint64(1); seed <= 10; seed++ {
				wantLoss, want := plain(t, netModel(t, name, tensor.Float64, batch, seed))
				_, theirs := plain(t, netModel(t, name, tensor.Float32, batch, seed))
				m := netModel(t, name, tensor.Float32, batch, seed)
				loss, ours, _ := halftone(t, m, shipped(t, "float32"))
				require.InEpsilon(t, wantLoss, loss, 1e-5)
				for i := range want {
					p := m.parameters[i].Name()
					ratios[p] = append(ratios[p], relativeError(ours[i], want[i])/math.Max(relativeError(theirs[i], want[i]), 1e-9))
				}
			}
			for p, r := range ratios {
				sort.Float64s(r)
				require.LessOrEqual(t, (r[4]+r[5])/2, 3.0, p)
			}
		})
	}
}

// With weights, biases and activations in fixed:wNf(N-8) and all else float32, in float64, each further bit halves the
// root mean square error of the logits. Every batch goes through four networks with weights of their own: the error that
// comes from rounding one set of weights points the same way for all images, so its luck would not average out.
func TestEachBitHalvesTheError(t *testing.T) {
	const batches, firstBits, lastBits = 10, 16, 24
	set, err := datasets.LoadImages("synthetic", t.TempDir())
	require.NoError(t, err)
	factors := map[int][]float64{}
	for b := range batches {
		want := logits(t, set, b, shipped(t, "float32"))
		previous := 0.0
		for bits := firstBits; bits <= lastBits; bits++ {
			p := shipped(t, "float32")
			f := number.MustParse(fmt.Sprintf("fixed:w%df%d,rne,sat", bits, bits-8))
			for _, role := range []policy.Role{policy.Weight, policy.Bias, policy.Activation} {
				p.Default[role] = f
			}
			e := relativeError(logits(t, set, b, p), want)
			if bits > firstBits {
				factors[bits] = append(factors[bits], previous/e)
			}
			previous = e
		}
	}
	for bits := firstBits + 1; bits <= lastBits; bits++ {
		f := factors[bits]
		sort.Float64s(f)
		median := (f[batches/2-1] + f[batches/2]) / 2
		t.Logf("%d bits: the error falls by %.2f (%.2f to %.2f)", bits, median, f[0], f[batches-1])
		require.InDelta(t, 2.0, median, 0.3, "%d bits", bits)
	}
}

// logits runs the forward pass of four ResNet-14s in float64 on batch b.
func logits(t *testing.T, set *datasets.Images, b int, p *policy.Policy) []float64 {
	t.Helper()
	var out []float64
	for n := range 4 {
		net, err := nets.ResNet14(tensor.Float64, 4, uint64(4*b+n+1))
		require.NoError(t, err)
		batches, err := datasets.NewBatches[float64](set, datasets.Order{Part: datasets.Train, Batch: net.Batch, Seed: 1, Shuffle: true})
		require.NoError(t, err)
		images, labels := net.Inputs[0].Value().Data().([]float64), net.Targets[0].Value().Data().([]float64)
		_, err = batches.Fill(b, [][]float64{images}, [][]float64{labels})
		require.NoError(t, err)
		program, err := graph.Compile(net.Loss, net.Parameters, p, graph.WithOutputs(net.Output))
		require.NoError(t, err)
		require.NoError(t, program.Run(graph.Pass{}))
		out = append(out, program.Output(net.Output).F64...)
	}
	return out
}
