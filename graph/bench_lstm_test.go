package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
)

// BenchmarkLSTMStep is one training step of the 2-layer LSTM over 50 characters, without the optimizer.
func BenchmarkLSTMStep(b *testing.B) {
	for _, name := range []string{"float32", "qpytorch8", "swalp8"} {
		b.Run(name, func(b *testing.B) {
			net, err := nets.LSTM(tensor.Float32, 50, 50, 65, 1)
			require.NoError(b, err)
			p, err := policy.Load(name)
			require.NoError(b, err)
			program, err := graph.Compile(net.Loss, net.Parameters, p)
			require.NoError(b, err)
			for step := range net.Inputs { // some character each; without them all errors would be 0
				for i, n := range []*gorgonia.Node{net.Inputs[step], net.Targets[step]} {
					oneHot := n.Value().Data().([]float32)
					for sample := range 50 {
						oneHot[sample*65+(7*sample+3*step+5*i)%65] = 1
					}
				}
			}
			execution := uint32(0)
			for b.Loop() {
				require.NoError(b, program.Run(graph.Pass{Execution: execution, Backward: true}))
				execution++
			}
			b.ReportMetric(50*50*float64(b.N)/b.Elapsed().Seconds(), "characters/s")
		})
	}
}
