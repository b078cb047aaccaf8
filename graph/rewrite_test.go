package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// The format of one layer is swapped between two runs without touching the model's code: exactly that layer's tensors
// change format, and every tensor upstream of it keeps its bits.
func TestSwapTheFormatOfOneLayer(t *testing.T) {
	before, after := newRecorder(), newRecorder()
	_, _, first := halftone(t, smallCNN(tensor.Float32, 4), shipped(t, "swalp8"), before.option())
	rule := `{match: "block", weight: "fixed:w6f4,rne,sat", bias: "fixed:w6f4,rne,sat", activation: "fixed:w6f3,rne,sat", error: "fixed:w8f9,rne,sat", gradient: "fixed:w8f7,rne,sat"}`
	_, _, second := halftone(t, smallCNN(tensor.Float32, 4), withRules(t, shipped(t, "swalp8"), rule), after.option())

	want := explained(first)
	changed := 0
	for _, e := range second.Explain() {
		was, ok := want[e.Name]
		require.True(t, ok, "%s is new", e.Name)
		inLayer := strings.HasPrefix(e.Name, "block/")
		switch e.Role {
		case policy.Weight, policy.Bias, policy.Activation, policy.Error, policy.Gradient:
		default:
			inLayer = false // the rule says nothing of this role
		}
		inLayer = inLayer && was.Format != "inherited"
		require.Equal(t, inLayer, was.Format != e.Format, "%s: %s, then %s", e.Name, was.Format, e.Format)
		if inLayer {
			changed++
		}
	}
	require.GreaterOrEqual(t, changed, 15)
	require.Len(t, want, len(second.Explain()))

	upstream := 0
	for name := range before.raw {
		if strings.HasPrefix(name, "stem/") && !strings.Contains(name, "grad") {
			require.Equal(t, before.final(name), after.final(name), name)
			upstream++
		}
	}
	require.GreaterOrEqual(t, upstream, 7) // conv, five points of batch norm, ReLU
	require.NotEqual(t, before.final("block/conv1.out"), after.final("block/conv1.out"))
	require.NotEqual(t, before.final("fc/dense1.out"), after.final("fc/dense1.out"))
}

// A rule with an operand puts a quantize node on exactly those uses. On the errors that weight gradients read it changes
// the weight gradients and nothing else.
func TestNodesOnSingleUses(t *testing.T) {
	const rule = `{op: conv, use: backward-weight, operand: error, format: "fixed:w5f8,rne,sat"}`
	before, after := newRecorder(), newRecorder()
	plainLoss, _, plainProgram := halftone(t, smallCNN(tensor.Float32, 4), shipped(t, "swalp8"), before.option())
	loss, _, program := halftone(t, smallCNN(tensor.Float32, 4), withRules(t, shipped(t, "swalp8"), rule), after.option())
	require.Equal(t, plainLoss, loss)

	was := explained(plainProgram)
	var edges []string
	for _, e := range program.Explain() {
		if _, ok := was[e.Name]; ok {
			continue
		}
		require.Equal(t, "edge", e.Op, e.Name)
		require.Equal(t, policy.Error, e.Role, e.Name)
		require.Equal(t, "fixed:w5f8,rne,sat", e.Format)
		edges = append(edges, e.Name)
	}
	require.Equal(t, []string{
		"down/batchnorm1.grad-input>down/conv1.grad-weight.error",
		"block/batchnorm1.grad-input>block/conv1.grad-weight.error",
		"stem/batchnorm1.grad-input>stem/conv1.grad-weight.error",
	}, edges)
	runs := map[string]uint64{}
	for _, c := range program.Counts() {
		runs[c.Name] = c.Runs
	}
	require.Len(t, program.Counts(), len(plainProgram.Counts())+len(edges))
	for _, name := range edges {
		require.Equal(t, uint64(1), runs[name], name)
	}
	for name := range before.raw {
		if strings.HasSuffix(name, "/conv1.grad-weight") {
			require.NotEqual(t, before.final(name), after.final(name), name)
		} else {
			require.Equal(t, before.final(name), after.final(name), name)
		}
	}
}

// An edge's own node reads what the tensor's users read, whatever other uses do.
func TestTwoUsesOfOneTensor(t *testing.T) {
	const onForward = `{op: conv, match: block, use: forward, operand: input, format: "fixed:w4f2,rne,sat"}`
	const onBackward = `{op: conv, match: block, use: backward-weight, operand: input, format: "fixed:w3f1,rne,sat"}`
	seen := newRecorder()
	_, _, program := halftone(t, smallCNN(tensor.Float32, 4), withRules(t, shipped(t, "float32"), onForward, onBackward), seen.option())
	for name, step := range map[string]float64{"stem/relu1.out>block/conv1.input": 0.25, "stem/relu1.out>block/conv1.grad-weight.input": 0.5} {
		require.Contains(t, explained(program), name)
		source := seen.final("stem/relu1.out")
		for i, v := range seen.rounded[name] {
			require.InDelta(t, min(source[i], 2-step), v, step/2, name)
		}
	}
}

// A rule for one tensor by its name changes that tensor: not the sums inside the op, nor what an optimizer keeps.
func TestFormatOfOneTensor(t *testing.T) {
	p := withRules(t, shipped(t, "swalp8"), `{tensor: "block/conv1.out", format: "fixed:w8f5,rne,sat"}`, `{tensor: "block/w", format: "fixed:w8f6,rne,sat"}`)
	_, _, program := halftone(t, smallCNN(tensor.Float32, 4), p)
	want := explained(program)
	require.Equal(t, "fixed:w8f5,rne,sat", want["block/conv1.out"].Format)
	require.Equal(t, "fixed:w8f6,rne,sat", want["block/w"].Format)
	for _, q := range program.Parameters() {
		require.Equal(t, "bfp:w8e8,block=channel,sr,sat", q.Formats[policy.Momentum].String(), q.Name)
		require.Equal(t, "bfp:w8e8,block=channel,sr,sat", q.Formats[policy.Gradient].String(), q.Name)
	}
}

// Under a policy with a format for every role, the output of every op that computes, forward and backward, and every
// parameter has a quantize node of its own, which runs exactly once.
func TestEveryComputingOpHasItsNode(t *testing.T) {
	for name, build := range map[string]func() model{
		"cnn":  func() model { return smallCNN(tensor.Float32, 4) },
		"lstm": func() model { return smallLSTM(tensor.Float32, 4, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			_, _, program := halftone(t, build(), shipped(t, "swalp8"))
			want := map[string]bool{}
			forward, backward := 0, 0
			for _, e := range program.Explain() {
				if e.Kernel == "moved" {
					require.Equal(t, "inherited", e.Format, e.Name)
					continue
				}
				switch e.Role {
				case policy.Loss, policy.Statistic, policy.Input:
					require.Equal(t, "float32", e.Format, e.Name)
					continue
				}
				require.Contains(t, e.Format, "bfp:w8e8", e.Name)
				want[e.Name] = true
				if strings.Contains(e.Name, "grad") {
					backward++
				} else {
					forward++
				}
			}
			require.Greater(t, backward, forward/2)
			counts := program.Counts()
			require.Len(t, counts, len(want))
			for _, c := range counts {
				require.True(t, want[c.Name], c.Name)
				require.Equal(t, uint64(1), c.Runs, c.Name)
				require.Positive(t, c.Stats.Count, c.Name)
			}
			require.NoError(t, program.Run(graph.Pass{Execution: 1}))
			twice := 0
			for _, c := range program.Counts() {
				if c.Runs == 2 {
					twice++
					require.NotContains(t, c.Name, "grad")
				}
			}
			require.Equal(t, forward, twice, "a forward pass runs the forward nodes only")
		})
	}
}

// The states of an LSTM, c and h, have a role of their own.
func TestStatesOfAnLSTM(t *testing.T) {
	const steps = 4
	p := withRules(t, shipped(t, "swalp8"), `{match: "**", state: "fixed:w12f9,rne,sat"}`)
	_, _, program := halftone(t, smallLSTM(tensor.Float32, steps, 3), p)
	states, others := 0, 0
	for _, e := range program.Explain() {
		if e.Role == policy.State {
			states++
			require.Equal(t, "fixed:w12f9,rne,sat", e.Format)
			require.Equal(t, "lstm", e.Op)
		} else if e.Op == "lstm" {
			others++
		}
	}
	require.Equal(t, 2*steps, states)
	require.Positive(t, others)
	require.Equal(t, policy.Activation, explained(program)["lstm/lstm1.i"].Role)
}
