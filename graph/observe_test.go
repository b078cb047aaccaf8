package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
)

// recorder keeps the values of every tensor of a run: what an op gave, and what its quantize node made of it.
type recorder struct {
	raw, rounded map[string][]float64
}

func newRecorder() *recorder {
	return &recorder{raw: map[string][]float64{}, rounded: map[string][]float64{}}
}

func (r *recorder) option() graph.Option {
	return graph.WithObserver(func(x graph.Tensor) {
		values := floats(x.Array.F32)
		if x.Array.F64 != nil {
			values = floats(x.Array.F64)
		}
		if x.Format.IsFloat32() {
			r.raw[x.Name] = values
		} else {
			r.rounded[x.Name] = values
		}
	})
}

// final is what the tensor's users read.
func (r *recorder) final(name string) []float64 {
	if v, ok := r.rounded[name]; ok {
		return v
	}
	return r.raw[name]
}

// withRules adds rules, in YAML, to a policy.
func withRules(t *testing.T, p *policy.Policy, rules ...string) *policy.Policy {
	t.Helper()
	text := string(p.YAML()) + "rules:\n"
	for _, r := range rules {
		text += "  - " + r + "\n"
	}
	parsed, err := policy.Parse("test", []byte(text))
	require.NoError(t, err)
	return parsed
}

// explained maps the names of a program's tensors to their explanation.
func explained(program *graph.Program) map[string]graph.Explanation {
	out := map[string]graph.Explanation{}
	for _, e := range program.Explain() {
		out[e.Name] = e
	}
	return out
}
