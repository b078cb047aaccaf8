package qops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// sumsOf are ops with sums of k terms each: all that a layer has.
func sumsOf(k int) []productCase {
	forward := convCases(geometry{n: 1, c: k, h: 1, w: 2, oc: 2, kernel: 1, stride: 1, dilation: 1})[0]
	data := convCases(geometry{n: 1, c: 2, h: 1, w: 2, oc: k, kernel: 1, stride: 1, dilation: 1})[1]
	weight := convCases(geometry{n: 1, c: 2, h: 1, w: k, oc: 2, kernel: 1, stride: 1, dilation: 1})[2]
	return []productCase{forward, data, weight, denseCase(1, 2, k, false, false), denseCase(2, 1, k, false, true), denseCase(2, 1, k, true, false)}
}

// extremes are values of a fixed format that reach the bound of its sums, with one sign or both.
func extremes(rng *rand.Rand, f number.Format, n, turn int) []float64 {
	lo, hi := f.CodeRange()
	values := make([]float64, n)
	for i := range values {
		code := lo
		switch turn {
		case 1:
			code = hi
		case 2:
			code = []int64{lo, hi, lo, lo + 1}[rng.IntN(4)]
		}
		values[i] = float64(code) * f.Step()
	}
	return values
}

// At the bound of each arithmetic, and one term above it, the sums of extreme operands have the bits of the definition,
// which adds with unlimited precision; and the arithmetic that takes them is the fastest one that is exact.
func TestSumsAtTheBoundOfEachArithmetic(t *testing.T) {
	rng := rand.New(rand.NewPCG(81, 82))
	hasInt8 := kernel.MatMulInt8([]float32{0}, []float32{1}, []float32{1}, 1, 1, 1, false, false, []int{0}, []int{0}, 1)
	for _, c := range []struct {
		a, b         string
		terms        int // at the bound
		below, above string
		in, beyond   qops.Arithmetic
	}{
		{"fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat", 1024, "exact in float32 in any order: 24 bits", "exact in int32, rounded once: 25 bits", qops.Int8, qops.Int8},
		{"fixed:w8f4,rne,sat", "fixed:w8f4,rne,sat", 131071, "exact in int32, rounded once: 31 bits", "exact in float64, rounded once: 31 bits", qops.Int8, qops.Float64},
		{"fixed:w16f4,rne,sat", "fixed:w8f4,rne,sat", 511, "exact in int32, rounded once: 31 bits", "exact in float64, rounded once: 31 bits", qops.Int16, qops.Float64},
		{"fixed:w12f2,rne,sat", "fixed:w12f4,rne,sat", 511, "exact in int32, rounded once: 31 bits", "exact in float64, rounded once: 31 bits", qops.Int16, qops.Float64},
		{"fixed:w12f2,rne,sat", "fixed:w12f4,rne,sat", 4, "exact in float32 in any order: 24 bits", "exact in int32, rounded once: 25 bits", qops.Int16, qops.Int16},
		{"fixed:w16f9,rne,sat", "fixed:w16f9,rne,sat", 1, "exact in int32, rounded once: 30 bits", "exact in float64, rounded once: 31 bits", qops.Int16, qops.Float64},
		{"fixed:w24f9,rne,sat", "fixed:w24f20,rne,sat", 128, "exact in float64, rounded once: 53 bits", "not exact: sums need 54 bits", qops.Float64, qops.OfTensor},
	} {
		for _, k := range []int{c.terms, c.terms + 1} {
			ops, turns := sumsOf(k), 3
			if k > 1<<16 {
				ops, turns = []productCase{ops[0], ops[2], ops[3]}, 1 // they take long
			}
			for _, p := range ops {
				what := fmt.Sprintf("%s, %d terms of %s and %s", p.name, k, c.a, c.b)
				fa, fb := number.MustParse(c.a), number.MustParse(c.b)
				reason, in := c.below, c.in
				if k > c.terms {
					reason, in = c.above, c.beyond
				}
				if in == qops.Int8 && !hasInt8 {
					in = qops.Int16
				}
				one := number.Blocks{Count: 1, Inner: 1}
				operands := [2]qops.Operand{{Format: fa, Blocks: one, Shape: p.shapes[0]}, {Format: fb, Blocks: one, Shape: p.shapes[1]}}
				cert := p.op(tensor.Float32).(qops.Summing).Certificate(operands[0], operands[1], false)
				require.Equal(t, reason, cert.Reason.String(), what)
				for turn := range turns {
					va, vb := extremes(rng, fa, elements(p.shapes[0]), turn), extremes(rng, fb, elements(p.shapes[1]), turn)
					checkProduct[float32](t, what, p, c.a, c.b, va, vb)
					op, out := p.op(tensor.Float32), qops.NewArray(tensor.Float32, p.out)
					x, y := quantized[float32](t, fa, p.channelAxis[0], p.shapes[0], va), quantized[float32](t, fb, p.channelAxis[1], p.shapes[1], vb)
					require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{x, y}, Threads: 1}))
					require.Equal(t, in.String(), qops.RanIn(op).String(), what)
					require.Equal(t, in.String(), op.(qops.Summing).Expected(operands[0], operands[1], false).String(), what)
				}
			}
		}
	}
}

// inOrder32 adds products in float32, in an order.
func inOrder32(a, b []float32, order []int) (sum float32) {
	for _, i := range order {
		sum += float32(a[i] * b[i])
	}
	return sum
}

// Up to 2^24 sums in float32 are the same in every order. Above, not.
func TestFloat32SumsInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(83, 84))
	const k = 1024
	for range 50 {
		a, b, exact := make([]float32, k), make([]float32, k), int64(0)
		for i := range a {
			a[i], b[i] = float32([]int{-128, 127, -127}[rng.IntN(3)]), float32([]int{-128, -128, 127}[rng.IntN(3)])
			exact += int64(a[i]) * int64(b[i])
		}
		for range 10 {
			require.Equal(t, float32(exact), inOrder32(a, b, rng.Perm(k)))
		}
	}
	// One term above, a sum is no float32 number. Two terms above, the order shows, and the certified sum is the exact one.
	a := slices.Repeat([]float32{-128}, k+2)
	a[k], a[k+1] = 1, 1
	ascending, descending := make([]int, k+2), make([]int, k+2)
	for i := range ascending {
		ascending[i], descending[i] = i, k+1-i
	}
	require.Equal(t, float32(1<<24), inOrder32(a, a, ascending))
	require.Equal(t, float32(1<<24+2), inOrder32(a, a, descending))
	values := make([]float64, k+2)
	for i, v := range a {
		values[i] = float64(v)
	}
	const format = "fixed:w8f0,rne,sat"
	require.Equal(t, whole, checkProduct[float32](t, "2^24 + 2", denseCase(1, 1, k+2, false, false), format, format, values, values))
	one := qops.Factor{Format: number.MustParse(format)}
	require.Equal(t, "exact in float32 in any order: 24 bits", qops.Certify(one, one, qops.Terms{Count: k, Group: 1}, qops.Exponents{}, false).Reason.String())
	require.Equal(t, "exact in int32, rounded once: 25 bits", qops.Certify(one, one, qops.Terms{Count: k + 2, Group: 1}, qops.Exponents{}, false).Reason.String())
}

// The weight's gradient of ResNet-14's first stage at batch 128 has 131,072 terms, which for operands of 8 bits is one too
// many for int32.
func TestInt32WrapsAt131072Terms(t *testing.T) {
	const samples, side = 128, 32
	shape := kernel.Conv{N: samples, C: 1, H: side, W: side, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
	x := slices.Repeat([]float32{-128}, samples*side*side)
	dw := make([]float32, 1)
	require.True(t, kernel.ConvBackwardWeightInt16(shape, dw, x, x, 0, 0, 2))
	require.Equal(t, float32(-1<<31), dw[0], "wrapped")
	x[77] = -127
	require.True(t, kernel.ConvBackwardWeightInt16(shape, dw, x, x, 0, 0, 2))
	require.Equal(t, float32(1<<31-255), dw[0], "the same with less")
	x[77] = -128

	values := make([]float64, len(x))
	for i := range values {
		values[i] = -128
	}
	weight := convCases(geometry{n: samples, c: 1, h: side, w: side, oc: 1, kernel: 1, stride: 1, dilation: 1})[2]
	for _, format := range []string{"fixed:w8f0,rne,sat", "bfp:w8e8,rne,sat", "bfp:w8e8,block=sample,rne,sat"} {
		f := number.MustParse(format)
		in := quantized[float32](t, f, 1, weight.shapes[0], values)
		op, out := weight.op(tensor.Float32), qops.NewArray(tensor.Float32, weight.out)
		require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{in, in}, Threads: 2}))
		require.Equal(t, float32(1<<31), out.F32[0], format)
		require.NotEqual(t, qops.Int16, qops.RanIn(op), format)
		blocks, err := f.Blocks(weight.shapes[0], 1)
		require.NoError(t, err)
		o := qops.Operand{Format: f, Blocks: blocks, Shape: weight.shapes[0]}
		require.NotContains(t, op.(qops.Summing).Certificate(o, o, false).Reason.String(), "int32", format)
	}
}

// Codes of 16 bits: the second product of the lowest codes wraps.
func TestInt32WrapsAtTwoTermsOf16Bits(t *testing.T) {
	a, c := []float32{-32768, -32768}, make([]float32, 1)
	require.True(t, kernel.MatMulInt16(c, a, a, 1, 1, 2, false, false, []int{0}, []int{0}, 1))
	require.Equal(t, float32(-1<<31), c[0])
	const format = "fixed:w16f0,rne,sat"
	require.Equal(t, whole, checkProduct[float32](t, "2^31", denseCase(1, 1, 2, false, false), format, format, []float64{-32768, -32768}, []float64{-32768, -32768}))
}

// In float64 one term above 2^53 is rounded twice: to float64, and to float32 from there.
func TestFloat64RoundsTwiceAbove53Bits(t *testing.T) {
	const k = 129
	a, b := slices.Repeat([]float32{-1 << 23}, k), slices.Repeat([]float32{-1 << 23}, k)
	a[k-1], b[k-1] = 177, 3033169 // 2^29 + 1
	exact := newExact()
	for i := range a {
		exact.addProduct(float64(a[i]), float64(b[i]))
	}
	want := round[float32](&exact.sum)
	require.EqualValues(t, 1<<53+1<<30, want)
	c := make([]float32, 1)
	kernel.MatMul(c, a, b, 1, 1, k, false, false, kernel.Whole, 1, 1)
	require.Equal(t, float32(1<<53), c[0])
	f := qops.Factor{Format: number.MustParse("fixed:w24f0,rne,sat")}
	require.Contains(t, qops.Certify(f, f, qops.Terms{Count: k, Group: 1}, qops.Exponents{}, false).Reason.String(), "not exact")
	a[k-1], b[k-1] = 1, 0
	a[k-2], b[k-2] = 177, 3033169 // at the bound: exact, so rounded once
	exact.reset()
	for i := range a {
		exact.addProduct(float64(a[i]), float64(b[i]))
	}
	kernel.MatMul(c, a[:k-1], b[:k-1], 1, 1, k-1, false, false, kernel.Whole, 1, 1)
	require.Equal(t, round[float32](&exact.sum), c[0])
}

// Blocks whose exponents spread: below 2^31 the sum is one of codes, shifted; at it, blocks' sums are added, each exact.
func TestSpreadAtItsBound(t *testing.T) {
	hasInt8 := kernel.MatMulInt8([]float32{0}, []float32{1}, []float32{1}, 1, 1, 1, false, false, []int{0}, []int{0}, 1)
	weight := convCases(geometry{n: 2, c: 1, h: 1, w: 8, oc: 1, kernel: 1, stride: 1, dilation: 1})[2]
	const format = "bfp:w8e8,block=sample,rne,sat"
	f := number.MustParse(format)
	for spread := range 16 { // 16·2^14·2^d, with d of the second operand's samples
		va, vb := make([]float64, 16), make([]float64, 16)
		for i := range va {
			va[i], vb[i] = -128, -128
			if i >= 8 {
				vb[i] = -128 * math.Ldexp(1, spread)
			}
		}
		way := checkProduct[float32](t, "spread", weight, format, format, va, vb)
		op, out := weight.op(tensor.Float32), qops.NewArray(tensor.Float32, weight.out)
		x, y := quantized[float32](t, f, 1, weight.shapes[0], va), quantized[float32](t, f, 1, weight.shapes[1], vb)
		require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{x, y}, Threads: 1}))
		if spread < 13 {
			require.Equal(t, whole, way, spread)
		} else {
			require.Equal(t, blocks, way, spread)
		}
		if hasInt8 {
			require.Equal(t, qops.Int8, qops.RanIn(op), spread)
		}
	}
	// Added by blocks, the smaller block's last bits are lost; as a whole they would be kept.
	a, b := slices.Repeat([]float64{1}, 16), slices.Repeat([]float64{1}, 16)
	for i := 8; i < 16; i++ {
		b[i] = math.Ldexp(1, 25)
	}
	a[0], b[0], a[8], b[8] = 127./64, 127./64, 127./64, 127./64*math.Ldexp(1, 25)
	require.Equal(t, blocks, checkProduct[float32](t, "lost bits", weight, format, format, a, b))
}

// Products below the smallest float32 are lost one by one; together they would make one.
func TestStepsBelowFloat32(t *testing.T) {
	a, b, c := []float32{0x1p-75, 0x1p-75}, []float32{0x1p-75, 0x1p-75}, make([]float32, 1)
	kernel.MatMul(c, a, b, 1, 1, 2, false, false, kernel.Sequence, 1, 1)
	require.Equal(t, float32(0), c[0], "in float32")
	kernel.MatMul(c, a, b, 1, 1, 2, false, false, kernel.Whole, 1, 1)
	require.Equal(t, float32(0x1p-149), c[0], "the exact sum")
	f := qops.Factor{Format: number.MustParse("fixed:w8f75,rne,sat")}
	terms := qops.Terms{Count: 2, Group: 1}
	require.Equal(t, "not exact: the step 2^-150 of a product lies below the smallest float32", qops.Certify(f, f, terms, qops.Exponents{Lowest: -150, Highest: -150}, false).Reason.String())
	require.Contains(t, qops.Certify(f, f, terms, qops.Exponents{Lowest: -149, Highest: -149}, false).Reason.String(), "exact in float32 in any order")
}
