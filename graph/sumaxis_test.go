package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/qops/number"
)

// Blocks along the axis of the sum lie along the input channels of a convolution's weight (axis 1 of OIHW) and the rows of
// a dense layer's (axis 0 of in, out): what the program computes with is what package number makes of the weights there.
func TestBlocksAlongTheSum(t *testing.T) {
	f := number.MustParse("bfp:w3e8,block=8,axis=reduce,rne,sat")
	net, err := nets.ResNet14(tensor.Float32, 2, 1)
	require.NoError(t, err)
	seen := map[string][]float32{}
	p := withRules(t, shipped(t, "float32"), `{match: "**", weight: "`+f.String()+`"}`)
	program, err := graph.Compile(net.Loss, net.Parameters, p, graph.WithObserver(func(x graph.Tensor) {
		if x.Format == f {
			seen[x.Name] = append([]float32(nil), x.Array.F32...)
		}
	}))
	require.NoError(t, err)
	require.NoError(t, program.Run(graph.Pass{}))
	checked := map[int]int{}
	for _, q := range program.Parameters() {
		rank := len(q.Node.Shape())
		if rank < 2 || q.Role != policy.Weight {
			continue
		}
		axis := map[int]int{4: 1, 2: 0}[rank]
		require.Equal(t, axis, q.SumAxis, q.Name)
		want := make([]float32, len(q.Value.F32))
		_, err := number.Quantize(f, want, q.Value.F32, q.Node.Shape(), number.Options{ChannelAxis: axis})
		require.NoError(t, err)
		require.Equal(t, want, seen[q.Name], q.Name)
		checked[rank]++
	}
	require.Equal(t, 1, checked[2])
	require.Greater(t, checked[4], 10)
}
