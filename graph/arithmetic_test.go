package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// everywhere is a policy with one format for all operands of products.
func everywhere(t *testing.T, format string) *policy.Policy {
	t.Helper()
	roles := []string{"input", "weight", "activation", "state", "error", "gradient"}
	for i, role := range roles {
		roles[i] = role + `: "` + format + `"`
	}
	return withRules(t, shipped(t, "float32"), `{match: "**", `+strings.Join(roles, ", ")+`, sum: exact}`)
}

// What explain says of products before a run is what the run does, under every instruction set; only exponents that differ
// among a tensor's blocks may change it, and explain says so.
func TestRunsTakeTheArithmeticThatExplainShows(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	seen := map[string]int{}
	for _, c := range []struct {
		name   string
		policy *policy.Policy
	}{
		{"float32", shipped(t, "float32")},
		{"fixed8", shipped(t, "fixed8")},
		{"swalp8", shipped(t, "swalp8")},
		{"qpytorch8", shipped(t, "qpytorch8")},
		{"fixed 8", everywhere(t, "fixed:w8f5,rne,sat")},
		{"fixed 12", everywhere(t, "fixed:w12f8,rne,sat")},
		{"fixed 16", everywhere(t, "fixed:w16f10,rne,sat")},
		{"bfp 12", everywhere(t, "bfp:w12e8,rne,sat")},
		{"e4m3", everywhere(t, "float:e4m3fn,rne,sat")},
		{"int 8", everywhere(t, "int:w8,scale=max,rne,sat")},
	} {
		for _, set := range []string{"avx512", "avx2", "go"} {
			if isa.Use(set) != nil {
				continue
			}
			for _, net := range []string{"resnet14", "lstm", "mlp"} {
				if net != "mlp" && set == "go" {
					continue // they take long, and choose as mlp does
				}
				_, _, program := halftone(t, netModel(t, net, tensor.Float32, 2, 1), c.policy)
				explanations := explained(program)
				for name, ran := range program.RanIn() {
					e := explanations[name]
					if strings.Contains(e.Certificate, "the exponents of a run decide") {
						seen["decided in the run"]++
						continue
					}
					require.Equal(t, ran, strings.Fields(strings.ReplaceAll(e.Kernel, ",", " "))[0], "%s of %s, %s under %s: %s", name, net, c.name, set, e.Certificate)
					seen[ran]++

				}
			}
		}
	}
	require.Positive(t, seen["float32"])
	require.Positive(t, seen["float64"])
	require.Positive(t, seen["int16"])
	require.Positive(t, seen["decided in the run"])
	require.NoError(t, isa.Use(best))
	require.Equal(t, kernel.HoldsInt8(1), seen["int8"] > 0)
}
