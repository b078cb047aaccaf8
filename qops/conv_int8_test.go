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

// The bits of products are TestProductsAreTheirDefinition's concern. Here: which ones run over codes of 8 bits.
func TestWhichConvolutionsRunOverInt8Codes(t *testing.T) {
	shape := kernel.Conv{N: 3, C: 5, H: 6, W: 7, OC: 4, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	shapes := [3][]int{{3, 5, 6, 7}, {4, 5, 3, 3}, {3, 4, 6, 7}} // of x, w and y
	operands := map[convKind][2]int{convForward: {0, 1}, convBackwardData: {2, 1}, convBackwardWeight: {0, 2}}
	available := probe(t, shape, shapes)
	const all, none = "forward data weight", ""
	for _, c := range []struct {
		activation, weight string
		spread             int // of the exponents of neighbouring samples, or channels of the weight
		want               string
	}{
		{"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", 0, all},
		{"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", 20, "forward weight"},
		{"fixed:w8f4,rne,sat", "fixed:w4f2,rne,sym", 0, all},
		{"bfp:w8e8,rne,sat", "float:e2m1fn,rne,sat", 0, all},
		{"fixed:u8f6,rne,sat", "fixed:w8f4,rne,sat", 0, none}, // codes up to 255
		{"fixed:w9f4,rne,sat", "fixed:w8f4,rne,sat", 0, none},
		{"int:w8,scale=max,rne,sat", "fixed:w8f4,rne,sat", 0, none},              // no power of two
		{"float:e4m3fn,rne,sat", "fixed:w8f4,rne,sat", 0, none},                  // 448 / 2^-9
		{"bfp:w8e8,block=sample.channel,rne,sat", "fixed:w8f4,rne,sat", 0, none}, // blocks along other axes
		{"float32", "fixed:w8f4,rne,sat", 0, none},
	} {
		t.Run(c.activation+"/"+c.weight, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			var in [3]*Array
			for i, text := range []string{c.activation, c.weight, c.activation} {
				in[i] = int8Operand(t, rng, text, shapes[i], c.spread)
			}
			ran := ""
			for what, name := range []string{"forward", "data", "weight"} {
				of := operands[convKind(what)]
				o := &Conv{what: convKind(what), Kernel: shape}
				call := &Call{Out: NewArray(tensor.Float32, shapes[[]int{2, 0, 1}[what]]), In: []*Array{in[of[0]], in[of[1]]}, Threads: 1}
				if o.runInt8(call, o.product().decide(call)) {
					ran += " " + name
				}
				call.FloatSum = true
				require.False(t, o.runInt8(call, o.product().decide(call)), "a sum in float32")
			}
			want := c.want
			if want != none && available {
				want = " " + want
			} else {
				want = none
			}
			require.Equal(t, want, ran)
		})
	}
}

// probe reports whether there are kernels for codes here.
func probe(t *testing.T, p kernel.Conv, shapes [3][]int) bool {
	t.Helper()
	e := []int{0}
	return kernel.ConvForwardInt8(p, make([]float32, size(shapes[2])), make([]float32, size(shapes[0])), make([]float32, size(shapes[1])), e, e, 1)
}

// int8Operand is a tensor rounded to a format, whose blocks on the first axis are 2^spread apart.
func int8Operand(t *testing.T, rng *rand.Rand, text string, shape []int, spread int) *Array {
	t.Helper()
	x, out := NewArray(tensor.Float32, shape), NewArray(tensor.Float32, shape)
	for i := range x.F32 {
		x.F32[i] = float32(math.Ldexp(rng.NormFloat64(), i*shape[0]/len(x.F32)*spread))
	}
	f := number.MustParse(text)
	if f.IsFloat32() {
		return x
	}
	node := gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"))
	_, op := NewQuantize(node, f, 0, number.NewStream(1, "a"))
	require.NoError(t, op.Run(&Call{Out: out, In: []*Array{x}, Threads: 1}))
	return out
}
