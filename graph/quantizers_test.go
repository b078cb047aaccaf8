package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops/number"
)

// roundedOf lists the tensors of a role that have a quantize node, by the program's own list.
func roundedOf(program *graph.Program, role policy.Role) []string {
	var names []string
	for _, e := range program.Explain() {
		if e.Role == role && e.Format != "float32" && e.Format != "inherited" {
			names = append(names, e.Name)
		}
	}
	return names
}

// The points of qpytorch8 on ResNet-14 are those of a user's script: in each block behind both convolutions, the shortcut
// and both ReLUs, and behind the second batch norm; behind the last layer. On the way back the same tensors have one.
func TestQPyTorchPoints(t *testing.T) {
	m := netModel(t, "resnet14", tensor.Float32, 2, 1)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "qpytorch8"))
	require.NoError(t, err)
	want := []string{"stem/conv1.out", "stem/relu1.out"}
	back := []string{"stem/batchnorm1.grad-input", "stem/relu1.out.grad"}
	for _, block := range []string{"stage1/block1", "stage1/block2", "stage2/block1", "stage2/block2", "stage3/block1", "stage3/block2"} {
		for _, point := range []string{"conv1.out", "relu1.out", "conv2.out", "batchnorm2.out", "relu2.out"} {
			want = append(want, block+"/"+point)
		}
		for _, gradient := range []string{"batchnorm1.grad-input", "conv2.grad-input", "batchnorm2.grad-input", "batchnorm2.out.grad"} {
			back = append(back, block+"/"+gradient)
		}
		if block == "stage2/block1" || block == "stage3/block1" {
			want, back = append(want, block+"/conv3.out"), append(back, block+"/conv3.out.grad")
		}
		if block == "stage3/block2" {
			back = append(back, "fc/reshape1.grad-input") // that of relu2, which goes on into the pool alone
		} else {
			back = append(back, block+"/relu2.out.grad")
		}
	}
	require.ElementsMatch(t, append(want, "fc/add1.out"), roundedOf(program, policy.Activation))
	require.ElementsMatch(t, append(back, "fc/softmaxloss1.grad-input"), roundedOf(program, policy.Error))
	require.Len(t, roundedOf(program, policy.Gradient), len(m.parameters))
	require.Empty(t, roundedOf(program, policy.Statistic))

	nodes := map[string]bool{}
	for _, c := range program.Counts() {
		nodes[c.Name] = true
	}
	for _, name := range slices.Concat(want, back) {
		require.True(t, nodes[name], "%s has a node", name)
	}
	require.Len(t, nodes, len(want)+1+len(back)+1+2*len(m.parameters), "no others have one")
	for _, e := range program.Explain() {
		if strings.HasSuffix(e.Name, ".scale") || strings.HasSuffix(e.Name, "/bias") {
			f := explained(program)[e.Name].Format
			require.Contains(t, []string{"bfp:w8e8,block=1,sr,sym+qpytorch", "bfp:w8e8,block=channel,sr,sym+qpytorch"}, f)
		}
	}
	for _, q := range program.Parameters() {
		blocks, err := q.Formats[policy.Gradient].Blocks(q.Node.Shape(), q.ChannelAxis)
		require.NoError(t, err)
		master, err := q.Formats[policy.Master].Blocks(q.Node.Shape(), q.ChannelAxis)
		require.NoError(t, err)
		outputs := q.Node.Shape()[q.ChannelAxis%q.Node.Shape().Dims()]
		require.Equal(t, outputs, blocks.Count, "%s: an exponent per output, or per element", q.Name)
		require.Equal(t, outputs, master.Count, q.Name)
	}
}

// An LSTM's points: embedding, the sum of each gate, c and h, and the last layer.
func TestQPyTorchPointsOfLSTM(t *testing.T) {
	m := netModel(t, "lstm", tensor.Float32, 2, 1)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "qpytorch8"))
	require.NoError(t, err)
	for _, e := range program.Explain() {
		rounded := e.Format != "float32" && e.Format != "inherited"
		switch {
		case e.Role == policy.State, e.Op == "dense" && strings.HasPrefix(e.Name, "embedding/") && e.Role == policy.Activation:
			require.True(t, rounded, e.Name)
		case e.Role == policy.Activation && e.Op == "lstm":
			require.Equal(t, strings.HasSuffix(e.Name, "-sum"), rounded, e.Name)
		case e.Role == policy.Activation && e.Op == "dense":
			require.False(t, rounded, e.Name)
		case e.Role == policy.Bias:
			require.Equal(t, "bfp:w8e8,block=1,sr,sym+qpytorch", e.Format, e.Name)
		}
	}
	const layers, gates = 2, 4
	steps := len(roundedOf(program, policy.State)) / (2 * layers)
	require.Positive(t, steps)
	require.Len(t, roundedOf(program, policy.Activation), steps*(1+layers*gates+1))
	require.Len(t, roundedOf(program, policy.Gradient), len(m.parameters), "the sum over all steps, once")
	// Nothing reads the last step's c but its h; all errors are those of rounded tensors.
	require.Len(t, roundedOf(program, policy.Error), steps*(1+layers*gates+1)+steps*2*layers)
	for _, q := range program.Parameters() { // an exponent per output channel, or per element
		block := "channel"
		if strings.HasPrefix(q.Name, "embedding/") {
			block = "row"
		} else if q.Role == policy.Bias {
			block = "1"
		}
		for _, role := range []policy.Role{policy.Gradient, policy.Momentum, policy.Master} {
			require.Equal(t, "bfp:w8e8,block="+block+",sr,sym+qpytorch", q.Formats[role].String(), q.Name)
		}
	}
}

// Without a node at a tensor there is none at its gradient, and a rule about that matches nothing.
func TestNoNodeWithoutAQuantizer(t *testing.T) {
	p := *shipped(t, "qpytorch8")
	float := number.MustParse("float32")
	p.Rules = append(slices.Clone(p.Rules), policy.Rule{Op: "relu", Formats: map[policy.Role]number.Format{policy.Activation: float}})
	m := smallCNN(tensor.Float32, 2)
	program, err := graph.Compile(m.loss, m.parameters, &p)
	require.NoError(t, err)
	for _, e := range program.Explain() {
		if e.Op == "relu" && e.Role == policy.Activation {
			require.Equal(t, "float32", e.Format, e.Name)
		}
	}
	rounded := roundedOf(program, policy.Error)
	p.Rules = append(p.Rules, policy.Rule{Tensor: "**/batchnorm1.grad-normalised", Formats: map[policy.Role]number.Format{policy.Error: float}})
	_, err = graph.Compile(m.loss, m.parameters, &p)
	require.ErrorContains(t, err, "matches nothing")
	program, err = graph.Compile(m.loss, m.parameters, shipped(t, "qpytorch8"))
	require.NoError(t, err)
	require.Greater(t, len(roundedOf(program, policy.Error)), len(rounded))
}

// Spelled out tensor by tensor, the policy is the same: also for sums that make a tensor without a node.
func TestQPyTorchSpelled(t *testing.T) {
	m := netModel(t, "resnet14", tensor.Float32, 2, 1)
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "qpytorch8"))
	require.NoError(t, err)
	spelled, err := policy.Parse("spelled", program.Binding().Spell(program.Points()).YAML())
	require.NoError(t, err)
	m = netModel(t, "resnet14", tensor.Float32, 2, 1)
	again, err := graph.Compile(m.loss, m.parameters, spelled)
	require.NoError(t, err)
	require.Equal(t, program.Explain(), again.Explain())
	require.Equal(t, program.ExplainOptimizer(), again.ExplainOptimizer())
	seen := map[[2]string]bool{}
	for _, pt := range program.Points() {
		key := [2]string{pt.Name, string(pt.Role)}
		require.False(t, seen[key], "%v is listed twice", key)
		seen[key] = true
	}
}

// Plans give the bits of the reference, also where clipped values stop the gradient.
func TestAtQuantizersPlans(t *testing.T) {
	for _, clipped := range []string{policy.Pass, policy.Zero} {
		for name, build := range map[string]func() model{
			"cnn":      func() model { return smallCNN(tensor.Float32, 4) },
			"residual": residualModel,
			"lstm":     func() model { return smallLSTM(tensor.Float32, 4, 3) },
		} {
			t.Run(name+"/"+clipped, func(t *testing.T) {
				p := *shipped(t, "qpytorch8")
				p.Clipped = clipped
				wantLoss, want, _ := halftone(t, build(), &p, graph.Reference())
				for _, threads := range []int{1, 3} {
					loss, grads, _ := halftone(t, build(), &p, graph.WithThreads(threads))
					requireSameBits(t, wantLoss, loss)
					requireSameBits(t, want, grads)
				}
			})
		}
	}
}
