package qops

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
)

// The bits of products are TestProductsAreTheirDefinition's concern. Here: in which arithmetic they run.
func TestWhichConvolutionsRunOverInt16Codes(t *testing.T) {
	shape := kernel.Conv{N: 4, C: 5, H: 6, W: 7, OC: 4, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	shapes := [3][]int{{4, 5, 6, 7}, {4, 5, 3, 3}, {4, 4, 6, 7}} // of x, w and y
	hasInt8 := probe(t, shape, shapes)
	for _, c := range []struct {
		activation, weight      string
		spread                  int // of the exponents of neighbouring samples, or channels of the weight
		forward, data, gradient Arithmetic
	}{
		{"fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat", 0, Int8, Int8, Int8},
		{"fixed:u8f6,rne,sat", "fixed:w8f4,rne,sat", 0, Int16, Int16, Int16},
		{"fixed:w12f4,rne,sat", "fixed:w12f4,rne,sat", 0, Int16, Int16, Int16},
		{"fixed:w14f4,rne,sat", "fixed:w13f4,rne,sat", 0, Int16, Int16, Float64}, // 168·2^26 > 2^31
		{"fixed:w16f4,rne,sat", "fixed:w16f4,rne,sat", 0, Float64, Float64, Float64},
		{"fixed:w16f4,rne,sat", "fixed:w8f4,rne,sat", 0, Int16, Int16, Float64},
		{"bfp:w16e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat", 0, Int16, Int16, OfTensor},
		{"bfp:w9e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat", 1, Int16, Int16, Int16},
		{"bfp:w9e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat", 3, Int16, Float64, OfTensor}, // weights of 17 bits
		{"bfp:w8e8,block=sample.channel,rne,sat", "fixed:w8f4,rne,sat", 0, Int16, Int16, Int16},
		{"fixed:w16f4,rne,sat", "float32", 0, OfTensor, OfTensor, Float64},
		{"int:w8,scale=max,rne,sat", "fixed:w8f4,rne,sat", 0, Float64, Float64, Int16}, // of one kind only
		{"int:w8,scale=max,rne,sat", "int:w8,scale=0.013,rne,sat", 0, Int16, Int16, Int16},
		{"int:w8,scale=max,zero=auto,rne,sat", "int:w8,scale=max,block=channel,rne,sat", 0, Int16, OfTensor, Int16}, // scales change along the sum
		{"int:w15,scale=max,rne,sat", "int:w4,scale=max,rne,sat", 0, Int16, Int16, Float64},
		{"int:w16,scale=max,rne,sat", "int:w4,scale=max,rne,sat", 0, Float64, Float64, Float64}, // up to 65535 from a zero point
	} {
		t.Run(c.activation+"/"+c.weight, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			x := int8Operand(t, rng, c.activation, shapes[0], c.spread)
			w := int8Operand(t, rng, c.weight, shapes[1], c.spread)
			dy := int8Operand(t, rng, c.activation, shapes[2], c.spread)
			for i, want := range []Arithmetic{c.forward, c.data, c.gradient} {
				if want == Int8 && !hasInt8 {
					want = Int16
				}
				o := &Conv{what: convKind(i), Kernel: shape}
				in := [][]*Array{{x, w}, {dy, w}, {x, dy}}[i]
				require.NoError(t, o.Run(&Call{Out: NewArray(tensor.Float32, shapes[[]int{2, 0, 1}[i]]), In: in, Threads: 1}))
				require.Equal(t, want.String(), o.RanIn().String(), []string{"forward", "data", "weight"}[i])
				if c.spread == 0 {
					requireExpected(t, o, in)
				}
			}
		})
	}
}

// requireExpected checks that what is known before a run is what it did.
func requireExpected(t *testing.T, o Summing, in []*Array) {
	t.Helper()
	var of [2]Operand
	for i, x := range in {
		of[i].Shape = x.Shape
		if x.Grid != nil {
			of[i].Format, of[i].Blocks = x.Grid.Format, x.Grid.Scales.Blocks
		}
	}
	require.Equal(t, o.(Multiplying).RanIn().String(), o.Expected(of[0], of[1], false).String())
	require.Contains(t, []Arithmetic{OfTensor, Float64}, o.Expected(of[0], of[1], true), "tensors of float64")
}
