package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/nets"
)

// Every instruction set gives the same bits: of a whole ResNet-14 with its gradients, and of an LSTM.
func TestInstructionSetsAgree(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for name, build := range map[string]func() (*nets.Net, error){
		"resnet14": func() (*nets.Net, error) { return nets.ResNet14(tensor.Float32, 3, 1) },
		"lstm":     func() (*nets.Net, error) { return nets.LSTM(tensor.Float32, 5, 6, 11, 1) },
	} {
		for _, policyName := range []string{"float32", "swalp8", "fixed8", "qpytorch8"} {
			t.Run(name+"/"+policyName, func(t *testing.T) {
				var want [][]float32
				for _, set := range []string{"go", "avx2", "avx512"} {
					if isa.Use(set) != nil {
						continue // this processor has it not: there is nothing to agree
					}
					net, err := build()
					require.NoError(t, err)
					got := gradientsOf(t, net, policyName)
					if want == nil {
						want = got
					}
					requireSameBits(t, want, got, set)
				}
			})
		}
	}
}

// gradientsOf returns the loss and the gradients of one step on some data.
func gradientsOf(t *testing.T, net *nets.Net, policyName string) [][]float32 {
	t.Helper()
	for i, n := range net.Inputs {
		copy(n.Value().Data().([]float32), values(tensor.Float32, i+1, 1, n.Shape()...).Data().([]float32))
	}
	for _, n := range net.Targets {
		oneHot := n.Value().Data().([]float32)
		classes := n.Shape()[1]
		for i := range n.Shape()[0] {
			oneHot[i*classes+i%classes] = 1
		}
	}
	program, err := graph.Compile(net.Loss, net.Parameters, shipped(t, policyName), graph.WithThreads(2))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{Backward: true, UpdateStatistics: true}))
	out := [][]float32{{float32(program.Loss())}}
	for _, p := range program.Parameters() {
		out = append(out, append([]float32(nil), p.Gradient.F32...))
	}
	return out
}
