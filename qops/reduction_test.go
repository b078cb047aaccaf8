package qops_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
)

// The sums of planes are added in ascending order of the samples, in float64: with these numbers another order gives
// another sum.
func TestChannelSumsAreInOrder(t *testing.T) {
	const samples, channels, area = 4, 2, 3
	planes := [samples]float64{0x1p53, 1, 1, -0x1p53}
	want := 0.0
	for _, s := range planes {
		want += s
	}
	backward := 0.0
	for i := range planes {
		backward += planes[samples-1-i]
	}
	require.NotEqual(t, want, backward)
	x := qops.NewArray(tensor.Float64, []int{samples, channels, 1, area})
	for n, s := range planes {
		for c := range channels {
			x.F64[(n*channels+c)*area] = s * float64(c+1)
		}
	}
	g := gorgonia.NewGraph()
	node := gorgonia.NewTensor(g, gorgonia.Float64, 4, gorgonia.WithShape(x.Shape...), gorgonia.WithName("x"))
	op := qops.NewChannelSum(node, []int{channels}).Op().(*qops.ChannelSum)
	for _, threads := range []int{1, 3} {
		out := qops.NewArray(tensor.Float64, []int{channels})
		require.NoError(t, op.Run(&qops.Call{In: []*qops.Array{x}, Out: out, Threads: threads}))
		require.Equal(t, []float64{want, 2 * want}, out.F64)
	}
	runner, ok := qops.BySamples(op)
	require.True(t, ok)
	out := qops.NewArray(tensor.Float64, []int{channels})
	call := &qops.Call{In: []*qops.Array{x}, Out: out, Threads: 1}
	require.NoError(t, runner.BeginSamples(call))
	for _, part := range [][2]int{{2, 4}, {0, 2}} { // whatever comes first
		require.NoError(t, runner.RunSamples(call, &qops.View{}, part[0], part[1]))
	}
	require.NoError(t, runner.EndSamples(call))
	require.Equal(t, []float64{want, 2 * want}, out.F64)
}
