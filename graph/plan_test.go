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
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// randomModel joins random ops into a graph whose nodes are used once, several times, twice by one op, or only read.
func randomModel(rng *rand.Rand, dtype tensor.Dtype) (model, gorgonia.Nodes) {
	const rows, columns = 3, 4
	g := gorgonia.NewGraph()
	m := model{}
	input := func(name string, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(values(dtype, rng.IntN(1000), 1, shape...)))
	}
	param := func(shape ...int) *gorgonia.Node {
		n := input(fmt.Sprintf("layer%d/w%d", len(m.parameters)%3, len(m.parameters)), shape...)
		m.parameters = append(m.parameters, n)
		return n
	}
	pool := gorgonia.Nodes{input("x", rows, columns), param(rows, columns)}
	pick := func() *gorgonia.Node { return pool[rng.IntN(len(pool))] }
	for i := range 4 + rng.IntN(12) {
		graph.Layer(g, fmt.Sprintf("layer%d", i%3), func() {
			var n *gorgonia.Node
			switch rng.IntN(13) {
			case 0:
				n = must(qops.NewAdd(pick(), pick()))
			case 1:
				n = must(qops.NewSub(pick(), pick()))
			case 2:
				n = must(qops.NewMul(pick(), pick()))
			case 3:
				n = qops.NewReLU(pick())
			case 4:
				n = qops.NewTanh(pick())
			case 5:
				n = qops.NewSigmoid(pick())
			case 6:
				n = must(qops.NewDense(pick(), param(columns, columns), false, rng.IntN(2) == 0))
			case 7:
				n = must(qops.NewDense(must(qops.NewTranspose(pick(), []int{1, 0})), must(qops.NewReshape(pick(), []int{rows, columns})), false, false))
				n = must(qops.NewDense(param(columns, rows), n, true, false))
			case 8:
				n = must(qops.NewBiasAdd(pick(), param(columns)))
			case 9:
				n = qops.NewTimes(pick(), rng.NormFloat64())
			case 10:
				a, b := must(qops.NewSlice(pick(), 1, 1, columns)), must(qops.NewSlice(pick(), 1, 0, 1))
				n = must(qops.NewConcat(1, a, b))
			case 11:
				n = must(qops.NewBatchNorm(pick(), param(columns), param(columns), 1e-3, qops.NewRunning(columns, 0.1)))
			case 12:
				n = must(qops.NewReshape(must(qops.NewReshape(pick(), []int{columns, rows})), []int{rows, columns}))
			}
			pool = append(pool, n)
		})
	}
	out := pool[len(pool)-1]
	for _, n := range pool[1:] { // every parameter has a part in the loss
		out = must(qops.NewAdd(out, n))
	}
	m.output, m.loss = out, must(qops.NewReduce(qops.NewSquare(out), 0, 1, true))
	return m, gorgonia.Nodes{pick(), pick(), out}
}

// randomPolicy gives every role one of several formats, and some uses nodes of their own.
func randomPolicy(t *testing.T, rng *rand.Rand) *policy.Policy {
	t.Helper()
	formats := []string{
		"float32", "fixed:w8f4,sr,sat", "fixed:w12f8,rne,wrap", "bfp:w8e8,block=sample,sr,sat", "bfp:w6e8,block=channel,rne,sat",
		"int:w8,scale=max,sr,sat", "int:w8,scale=max,block=channel,zero=auto,rne,sat",
	}
	p := shipped(t, "float32")
	for _, role := range []policy.Role{policy.Input, policy.Weight, policy.Bias, policy.Activation, policy.Statistic, policy.Error, policy.Gradient} {
		p.Default[role] = number.MustParse(formats[rng.IntN(len(formats))])
	}
	p.Default[policy.Sum] = number.MustParse([]string{"exact", "float32"}[rng.IntN(2)])
	p.Clipped = []string{policy.Pass, policy.Zero}[rng.IntN(2)]
	if rng.IntN(2) == 0 {
		p = withRules(t, p, fmt.Sprintf(`{match: "**", op: mul, operand: a, format: %q}`, formats[rng.IntN(len(formats))]))
	}
	return p
}

// Every plan of a random graph under a random policy gives the bits of the reference, in every tensor and in the second
// run as in the first.
func TestRandomPlansEqualReference(t *testing.T) {
	tried := 0
	for seed := uint64(1); seed <= 60; seed++ {
		dtype := []tensor.Dtype{tensor.Float32, tensor.Float64}[seed%2]
		run := func(options ...graph.Option) ([]map[string][]float64, error) {
			rng := rand.New(rand.NewPCG(seed, 1))
			m, outputs := randomModel(rng, dtype)
			seen := newRecorder()
			program, err := graph.Compile(m.loss, m.parameters, randomPolicy(t, rng), append(options, seen.option(), graph.WithOutputs(outputs...))...)
			if err != nil {
				return nil, err
			}
			var out []map[string][]float64
			for execution := range uint32(2) {
				require.NoError(t, program.Run(graph.Pass{Execution: execution, Backward: true, UpdateStatistics: true}))
				tensors := map[string][]float64{"loss": {program.Loss()}}
				for name := range seen.raw {
					tensors[name] = seen.final(name)
				}
				for i, n := range outputs {
					a := program.Output(n)
					tensors[fmt.Sprintf("output %d", i)] = append(floats(a.F32), floats(a.F64)...)
				}
				for _, p := range program.Parameters() {
					tensors["gradient of "+p.Name] = append(floats(p.Gradient.F32), floats(p.Gradient.F64)...)
				}
				out = append(out, tensors)
			}
			return out, nil
		}
		want, err := run(graph.Reference())
		if err != nil {
			require.ErrorContains(t, err, "matches nothing", "seed %d", seed) // no mul in this graph
			continue
		}
		tried++
		for _, threads := range []int{1, 3} {
			got, err := run(graph.WithThreads(threads))
			require.NoError(t, err)
			for i := range want {
				require.Len(t, got[i], len(want[i]))
				for name, values := range want[i] {
					requireSame(t, values, got[i][name], fmt.Sprintf("seed %d, %d threads, run %d: %s", seed, threads, i, name))
				}
			}
		}
	}
	require.Greater(t, tried, 40)
}

// requireSame is requireSameBits, and quick.
func requireSame(t *testing.T, want, got []float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, v := range want {
		if pattern(v) != pattern(got[i]) {
			require.Failf(t, "other bits", "%s: element %d is %v, wanted %v", what, i, got[i], v)
		}
	}
}
