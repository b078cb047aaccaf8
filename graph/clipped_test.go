package graph_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops/number"
)

// clipping is a format that clips at +-1 and hardly rounds in between: what it does is differentiable.
const clipping = "fixed:w46f45,rne,sat"

// residualModel has a sum of two branches, which share their gradient, one of them used twice.
func residualModel() model {
	g := gorgonia.NewGraph()
	m := model{}
	param := func(name string, seed int, scale float64, shape ...int) *gorgonia.Node {
		n := gorgonia.NewTensor(g, gorgonia.Float64, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(gorgonia.Float64, seed, scale, shape...)))
		m.parameters = append(m.parameters, n)
		return n
	}
	x := gorgonia.NewMatrix(g, gorgonia.Float64, gorgonia.WithShape(5, 4), gorgonia.WithName("x"), gorgonia.WithValue(values(gorgonia.Float64, 1, 1, 5, 4)))
	var a, b *gorgonia.Node
	graph.Layer(g, "first", func() {
		a = gorgonia.Must(gorgonia.Mul(x, param("first/w", 2, 1.2, 4, 6)))
		a = gorgonia.Must(gorgonia.BroadcastAdd(a, param("first/b", 3, 0.4, 6), nil, []byte{0}))
	})
	graph.Layer(g, "second", func() {
		b = gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(a, param("second/w", 4, 1.1, 6, 6)))))
	})
	graph.Layer(g, "sum", func() { m.output = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Add(a, b)), a)) })
	graph.Layer(g, "loss", func() { m.loss = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(m.output)))) })
	return m
}

// clippedPolicy clips activations, and parameters if wanted.
func clippedPolicy(t *testing.T, clipped string, parameters bool) *policy.Policy {
	t.Helper()
	p := shipped(t, "float32")
	p.Clipped = clipped
	p.Default[policy.Activation] = number.MustParse(clipping)
	if parameters {
		p.Default[policy.Weight], p.Default[policy.Bias] = number.MustParse(clipping), number.MustParse(clipping)
	}
	return p
}

// With `clipped: zero` the gradient is that of the clipped function: it agrees with differences, through shared gradients
// too. With `clipped: pass` it does not.
func TestClippedZeroIsTheGradientOfClipping(t *testing.T) {
	for _, parameters := range []bool{false, true} {
		m := residualModel()
		_, zero, program := halftone(t, m, clippedPolicy(t, policy.Zero, parameters))
		_, pass, _ := halftone(t, residualModel(), clippedPolicy(t, policy.Pass, parameters))
		for i, p := range program.Parameters() {
			want := make([]float64, p.Value.Size())
			for j, x := range p.Value.F64 {
				const h = 1e-6
				run := func(x float64) float64 {
					p.Value.F64[j] = x
					require.NoError(t, program.Run(graph.Pass{}))
					return program.Loss()
				}
				want[j] = (run(x+h) - run(x-h)) / (2 * h)
				run(x)
			}
			require.Less(t, relativeError(zero[i], want), 1e-5, p.Name)
			require.Greater(t, relativeError(pass[i], want), 1e-2, p.Name)
		}
	}
}

// The gated gradient is +0 exactly where the forward pass clipped, and what came from above elsewhere.
func TestGatesCloseExactlyWhereTheForwardClipped(t *testing.T) {
	seen := newRecorder()
	_, grads, program := halftone(t, residualModel(), clippedPolicy(t, policy.Zero, true), seen.option())
	gates, closed := 0, 0
	for name, gated := range seen.raw {
		of, ok := strings.CutSuffix(name, ".gated")
		if !ok {
			continue
		}
		gates++
		source, ok := map[string]string{
			"first/add1.out.grad": "first/add1.out", "second/tanh1.grad-input": "second/dense1.out",
		}[of]
		if !ok {
			continue
		}
		above := seen.raw[of]
		for i, v := range seen.raw[source] {
			if math.Abs(v) > 1 {
				closed++
				require.Zero(t, math.Float64bits(gated[i]), "%s[%d] of %v", name, i, v)
			} else {
				require.Equal(t, above[i], gated[i], "%s[%d]", name, i)
			}
		}
	}
	require.Positive(t, closed)
	// Every tensor with a clipping format that a gradient reaches has a gate: three weights and biases, and the outputs
	// of dense, add, dense, tanh, add, add and square.
	require.Equal(t, 10, gates)
	for i, p := range program.Parameters() {
		for j, w := range p.Value.F64 {
			if math.Abs(w) > 1 {
				require.Zero(t, grads[i][j], "%s[%d] of %v", p.Name, j, w)
			}
		}
	}
}

// `clipped: zero` changes nothing where nothing clips.
func TestClippedZeroWithoutClipping(t *testing.T) {
	const roomy = `{match: "**", activation: "fixed:w20f10,rne,sat", weight: "fixed:w20f10,rne,sat", bias: "fixed:w20f10,rne,sat"}`
	pass, zero := withRules(t, shipped(t, "swalp8"), roomy), withRules(t, shipped(t, "swalp8"), roomy)
	zero.Clipped = policy.Zero
	// Nodes of errors are named after what they are the gradient of, so rounding must not draw random bits.
	for _, p := range []*policy.Policy{pass, zero} {
		for _, role := range policy.Roles() {
			p.Default[role] = p.Default[role].WithRounding(number.NearestEven)
		}
	}
	wantLoss, want, _ := halftone(t, smallCNN(tensor.Float32, 4), pass)
	loss, grads, _ := halftone(t, smallCNN(tensor.Float32, 4), zero)
	requireSameBits(t, wantLoss, loss)
	requireSameBits(t, want, grads)
}
