package qops

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// The bits of products are TestProductsAreTheirDefinition's concern. Here: which ones run over codes, and of what width.
func TestWhichDenseProductsRunOverCodes(t *testing.T) {
	const batch, in, out = 6, 20, 35
	zero := []int{0}
	hasInt8 := kernel.MatMulInt8([]float32{0}, []float32{1}, []float32{1}, 1, 1, 1, false, false, zero, zero, 1)
	for _, c := range []struct {
		activation, weight      string
		spread                  int // of the exponents of neighbouring samples, or channels of the weight
		forward, data, gradient Arithmetic
	}{
		{"fixed:w8f4,rne,sat", "fixed:w4f2,rne,sym", 0, Int8, Int8, Int8},
		{"bfp:w8e8,rne,sat", "float:e2m1fn,rne,sat", 0, Int8, Int8, Int8},
		{"bfp:w8e8,rne,sat", "mx:int8,scale=floor,rne,sat", 0, Int8, Int8, Int8},
		{"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", 0, Int8, Int8, Int8},
		// Exponents that change along a sum take more bits, which codes of 4 bits have left.
		{"bfp:w8e8,block=sample,sr,sat", "bfp:w4e8,block=channel,sr,sat", 1, Int8, Int8, Int16},
		{"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", 20, Int8, OfTensor, OfTensor},
		{"fixed:u8f6,rne,sat", "fixed:w8f4,rne,sat", 0, Int16, Int16, Int16},     // codes up to 255
		{"fixed:w16f4,rne,sat", "fixed:w8f4,rne,sat", 0, Int16, Int16, Float64},  // 6·2^30 > 2^31
		{"fixed:w14f4,rne,sat", "fixed:w14f4,rne,sat", 0, Int16, Float64, Int16}, // 35·2^26 > 2^31
		{"fixed:w17f4,rne,sat", "fixed:w2f1,rne,sat", 0, OfTensor, OfTensor, Float64},
		{"int:w8,scale=max,rne,sat", "fixed:w8f4,rne,sat", 0, Float64, Float64, Int8}, // of one kind only
		{"int:w8,scale=max,rne,sat", "int:w8,scale=0.013,rne,sat", 0, Int8, Int8, Int8},
		{"int:w8,scale=max,zero=auto,rne,sat", "int:w8,scale=max,block=channel,rne,sat", 0, Int16, OfTensor, Int16}, // scales change along the sum
		{"int:w15,scale=max,rne,sat", "int:w4,scale=max,rne,sat", 0, Int16, Int16, Float64},
		{"float:e4m3fn,rne,sat", "fixed:w8f4,rne,sat", 0, Float64, Float64, Float64},
		{"float32", "fixed:w8f4,rne,sat", 0, OfTensor, OfTensor, OfTensor},
	} {
		t.Run(c.activation+"/"+c.weight, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			x := codeOperand(t, rng, c.activation, []int{batch, in}, 0, c.spread)
			w := codeOperand(t, rng, c.weight, []int{in, out}, 1, c.spread)
			dy := codeOperand(t, rng, c.activation, []int{batch, out}, 0, c.spread)
			for _, p := range []struct {
				name string
				op   *Dense
				in   []*Array
				want Arithmetic
			}{
				{"forward", &Dense{m: batch, n: out, k: in}, []*Array{x, w}, c.forward},
				{"data", &Dense{TransB: true, m: batch, n: in, k: out}, []*Array{dy, w}, c.data},
				{"weight", &Dense{TransA: true, m: in, n: out, k: batch}, []*Array{x, dy}, c.gradient},
			} {
				if p.want == Int8 && !hasInt8 {
					p.want = Int16
				}
				call := &Call{Out: NewArray(tensor.Float32, []int{p.op.m, p.op.n}), In: p.in, Threads: 1}
				require.NoError(t, p.op.Run(call))
				require.Equal(t, p.want.String(), p.op.RanIn().String(), p.name)
				if c.spread == 0 {
					requireExpected(t, p.op, p.in)
				}
				call.FloatSum = true
				require.NoError(t, p.op.Run(call))
				require.Equal(t, OfTensor, p.op.RanIn(), "a sum in float32")
			}
		})
	}
}

// codeOperand is a tensor rounded to a format, all of whose values are near 1, but those of one half of an axis 2^spread
// times as large.
func codeOperand(t *testing.T, rng *rand.Rand, text string, shape []int, axis, spread int) *Array {
	t.Helper()
	x, out := NewArray(tensor.Float32, shape), NewArray(tensor.Float32, shape)
	for i := range x.F32 {
		at := i / shape[1]
		if axis == 1 {
			at = i % shape[1]
		}
		x.F32[i] = float32(math.Ldexp(1+rng.Float64()*0.8, at*2/shape[axis]*spread))
	}
	f := number.MustParse(text)
	if f.IsFloat32() {
		return x
	}
	node := gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"))
	_, op := NewQuantize(node, f, axis, number.NewStream(1, "a"))
	require.NoError(t, op.Run(&Call{Out: out, In: []*Array{x}, Threads: 1}))
	return out
}
