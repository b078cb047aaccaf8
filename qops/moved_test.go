package qops_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// The grid of a moved tensor says of every value in which block it lies, as before it was moved: value and step of a
// position are those of the position that it came from.
func TestMovedTensorsKeepTheirGrid(t *testing.T) {
	shape := []int{2, 3, 4}
	values := fillings[2].fill(rand.New(rand.NewPCG(1, 1)), shape)
	node := inputs(tensor.Float32, shape)[0]
	transposed, err := qops.NewTranspose(node, []int{2, 0, 1})
	require.NoError(t, err)
	reshaped, err := qops.NewReshape(node, []int{6, 4})
	require.NoError(t, err)
	sliced, err := qops.NewSlice(node, 2, 1, 3)
	require.NoError(t, err)
	for _, f := range []string{"fixed:w8f4,rne,sat", "bfp:w8e8,rne,sat", "bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat", "int:w8,scale=max,rne,sat"} {
		x := quantized[float32](t, number.MustParse(f), 1, shape, values)
		for name, n := range map[string]qops.Op{
			"transpose": transposed.Op().(qops.Op), "reshape": reshaped.Op().(qops.Op), "slice": sliced.Op().(qops.Op),
		} {
			run := func(from *qops.Array) *qops.Array {
				out := qops.NewArray(tensor.Float32, n.OutShape())
				require.NoError(t, n.Run(&qops.Call{Out: out, In: []*qops.Array{from}, Threads: 1}))
				return out
			}
			out := run(x)
			kept := out.Grid != nil
			oneBlock := x.Grid.Scales.Blocks.Count == 1
			switch name {
			case "reshape":
				require.True(t, kept)
			case "transpose":
				require.Equal(t, x.Grid.Codes == nil, kept, f)
			case "slice":
				require.Equal(t, oneBlock && x.Grid.Codes == nil, kept, f)
			}
			if !kept {
				continue
			}
			steps := qops.NewArray(tensor.Float32, shape) // of each position, moved likewise
			for i := range steps.F32 {
				steps.F32[i] = float32(x.Grid.Scales.Step[x.Grid.Scales.Blocks.Of(i)])
			}
			want := run(steps).F32
			for i := range want {
				require.Equal(t, want[i], float32(out.Grid.Scales.Step[out.Grid.Scales.Blocks.Of(i)]), "%s of %s", name, f)
			}
		}
	}
}

// Tensors that are joined lie on one grid only if their steps are the same.
func TestJoinedTensors(t *testing.T) {
	shape := []int{2, 2}
	in := inputs(tensor.Float32, shape, shape)
	n, err := qops.NewConcat(0, in[0], in[1])
	require.NoError(t, err)
	join := func(f string, scale float64) *qops.Array {
		a := quantized[float32](t, number.MustParse(f), 1, shape, []float64{1, -2, 3, 0.5})
		b := quantized[float32](t, number.MustParse(f), 1, shape, []float64{scale, 0, 0, -scale})
		out := qops.NewArray(tensor.Float32, []int{4, 2})
		require.NoError(t, n.Op().(qops.Op).Run(&qops.Call{Out: out, In: []*qops.Array{a, b}, Threads: 1}))
		return out
	}
	require.NotNil(t, join("fixed:w8f4,rne,sat", 8).Grid)
	require.NotNil(t, join("bfp:w8e8,rne,sat", 2.5).Grid)
	require.Nil(t, join("bfp:w8e8,rne,sat", 8).Grid)
	require.Nil(t, join("bfp:w8e8,block=sample,rne,sat", 2.5).Grid)
	require.Nil(t, join("float32", 1).Grid)
}
