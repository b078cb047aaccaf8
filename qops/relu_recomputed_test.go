package qops

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The gradient of a ReLU has the bits that it has from the input itself, where a batch norm's last op makes that.
func TestReLUGradientsThatComputeTheirInputAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, shape := range [][]int{{1, 3, 5, 7}, {4, 2, 1, 1}, {3, 5, 50, 43}, {2, 17, 8}} {
			fill := func(shape ...int) *Array {
				a := NewArray(dtype, shape)
				for i := range a.F32 {
					a.F32[i] = float32(rng.NormFloat64())
				}
				for i := range a.F64 {
					a.F64[i] = rng.NormFloat64()
				}
				return a
			}
			d, x, gamma, beta := fill(shape...), fill(shape...), fill(1, shape[1], 1, 1), fill(1, shape[1], 1, 1)
			if dtype == tensor.Float32 {
				x.F32[0], beta.F32[0] = 0, float32(math.Copysign(0, -1))
				d.F32[1], x.F32[1] = float32(math.Inf(1)), float32(math.NaN())
			}
			scale := &ScaleShift{newBase("batchnorm", "out", shape, inputsOf(dtype, shape)[0])}
			gradient := &ReLUGrad{newBase("relu", "out", shape, inputsOf(dtype, shape)[0])}
			input, want, got := NewArray(dtype, shape), NewArray(dtype, shape), NewArray(dtype, shape)
			require.NoError(t, scale.Run(&Call{Out: input, In: []*Array{x, gamma, beta}, Threads: 1}))
			require.NoError(t, gradient.Run(&Call{Out: want, In: []*Array{d, input}, Threads: 1}))
			op := WithoutInput(gradient, scale)
			require.NoError(t, op.Run(&Call{Out: got, In: []*Array{d, x, gamma, beta}, Threads: 3}))
			require.Equal(t, want, got)
			require.Equal(t, gradient.String(), op.String())
			c := &Call{Out: got, In: []*Array{d, x, gamma, beta}}
			require.True(t, InPlace(op, c, 0))
			require.False(t, InPlace(op, c, 1))
			require.Nil(t, WithoutInput(scale, gradient))
			require.Nil(t, WithoutInput(gradient, gradient))
		}
	}
}

func inputsOf(dtype tensor.Dtype, shape []int) gorgonia.Nodes {
	return gorgonia.Nodes{gorgonia.NewTensor(gorgonia.NewGraph(), dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"))}
}
