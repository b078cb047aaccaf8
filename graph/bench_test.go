package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
)

// BenchmarkResNet14Step is one training step without the optimizer; images/s is what training can reach at most.
func BenchmarkResNet14Step(b *testing.B) {
	for _, name := range []string{"float32", "qpytorch8", "swalp8"} {
		b.Run(name, func(b *testing.B) {
			const batch = 128
			net, err := nets.ResNet14(tensor.Float32, batch, 1)
			require.NoError(b, err)
			p, err := policy.Load(name)
			require.NoError(b, err)
			program, err := graph.Compile(net.Loss, net.Parameters, p)
			require.NoError(b, err)
			copy(net.Inputs[0].Value().Data().([]float32), values(tensor.Float32, 1, 1, net.Inputs[0].Shape()...).Data().([]float32))
			targets := net.Targets[0].Value().Data().([]float32) // one of ten classes each; without them all errors would be 0
			for i := range batch {
				targets[i*len(targets)/batch+i%10] = 1
			}
			b.ReportAllocs()
			execution := uint32(0)
			for b.Loop() {
				require.NoError(b, program.Run(graph.Pass{Execution: execution, Backward: true, UpdateStatistics: true}))
				execution++
			}
			b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
