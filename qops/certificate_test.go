package qops_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// Every bound holds at the last sum that it admits and no longer at the next.
func TestCertifyAtItsBounds(t *testing.T) {
	factor := func(format string, varies bool) qops.Factor {
		return qops.Factor{Format: number.MustParse(format), Varies: varies}
	}
	w8, w16, w24 := factor("fixed:w8f4,rne,sat", false), factor("fixed:w16f8,rne,sat", false), factor("fixed:w24f8,rne,sat", false)
	s8, s16 := factor("bfp:w8e8,block=sample,rne,sat", true), factor("bfp:w16e8,block=sample,rne,sat", true)
	i8, c8 := factor("int:w8,scale=max,rne,sat", false), factor("int:w8,scale=max,block=channel,rne,sat", true)
	i32 := factor("int:w32,scale=max,rne,sat", false)
	cases := []struct {
		name  string
		a, b  qops.Factor
		terms qops.Terms
		e     qops.Exponents
		wide  bool
		want  qops.Certificate // without the reason
	}{
		{"an operand is float32", w8, qops.Factor{}, qops.Terms{Count: 1, Group: 1}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"2^24", w8, w8, qops.Terms{Count: 1024, Group: 9}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true}},
		{"2^24 and a term", w8, w8, qops.Terms{Count: 1025, Group: 9}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Whole, Exact: true}},
		{"2^24 and a term in float64", w8, w8, qops.Terms{Count: 1025, Group: 9}, qops.Exponents{}, true, qops.Certificate{Sum: kernel.Sequence, Exact: true}},
		{"2^53", w24, w24, qops.Terms{Count: 128, Group: 9}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Whole, Exact: true}},
		{"2^53 and a term", w24, w24, qops.Terms{Count: 129, Group: 9}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"2^53 and a term in float64", w24, w24, qops.Terms{Count: 129, Group: 9}, qops.Exponents{}, true, qops.Certificate{Sum: kernel.Sequence}},
		{"blocks of one exponent below 2^31", s8, s8, qops.Terms{Count: 131071, Group: 1024}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Whole, Exact: true, Spread: true}},
		{"blocks of one exponent at 2^31", s8, s8, qops.Terms{Count: 131072, Group: 1024}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Blockwise, Exact: true}},
		{"spread up to 2^24", s8, s8, qops.Terms{Count: 16, Group: 4}, qops.Exponents{Spread: 6}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true, Spread: true}},
		{"spread up to 2^30", s8, s8, qops.Terms{Count: 16, Group: 4}, qops.Exponents{Spread: 12}, false, qops.Certificate{Sum: kernel.Whole, Exact: true, Spread: true}},
		{"spread up to 2^31", s8, s8, qops.Terms{Count: 16, Group: 4}, qops.Exponents{Spread: 13}, false, qops.Certificate{Sum: kernel.Blockwise, Exact: true, Spread: true}},
		{"spread up to 2^31 in float64", s8, s8, qops.Terms{Count: 16, Group: 4}, qops.Exponents{Spread: 13}, true, qops.Certificate{Sum: kernel.Blockwise, Exact: true, Spread: true}},
		{"blocks beyond 2^24", s8, s8, qops.Terms{Count: 1 << 20, Group: 1025}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Blockwise}},
		{"blocks beyond 2^24 in float64", s16, s16, qops.Terms{Count: 1 << 20, Group: 1025}, qops.Exponents{}, true, qops.Certificate{Sum: kernel.Blockwise, Exact: true}},
		{"blocks in no order", s8, s8, qops.Terms{Count: 1 << 20}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"blocks in no order, small", s8, s8, qops.Terms{Count: 16}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true, Spread: true}},
		{"steps of 2^-149", s8, w16, qops.Terms{Count: 1, Group: 1}, qops.Exponents{Lowest: -149, Highest: -149}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true, Spread: true}},
		{"steps of 2^-150", s8, w16, qops.Terms{Count: 1, Group: 1}, qops.Exponents{Lowest: -150, Highest: -149}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"steps of 2^-150 in float64", s8, w16, qops.Terms{Count: 1, Group: 1}, qops.Exponents{Lowest: -150, Highest: -150}, true, qops.Certificate{Sum: kernel.Sequence, Exact: true, Spread: true}},
		{"sums below 2^128", w8, w8, qops.Terms{Count: 3, Group: 1}, qops.Exponents{Lowest: 112, Highest: 112}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true}},
		{"sums at 2^128", w8, w8, qops.Terms{Count: 4, Group: 1}, qops.Exponents{Lowest: 112, Highest: 112}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"codes", i8, i8, qops.Terms{Count: 1 << 20, Group: 1}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true, Codes: true}},
		{"codes and values", i8, w24, qops.Terms{Count: 1 << 20, Group: 1}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence, Exact: true, Codes: true}},
		{"codes beyond 2^53", i32, i32, qops.Terms{Count: 1, Group: 1}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence}},
		{"codes of several scales", c8, i8, qops.Terms{Count: 1, Group: 1}, qops.Exponents{}, false, qops.Certificate{Sum: kernel.Sequence}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := qops.Certify(c.a, c.b, c.terms, c.e, c.wide)
			require.NotEmpty(t, got.Reason)
			if !c.want.Exact {
				require.Contains(t, got.Reason.String(), "not exact")
			}
			got.Reason = qops.Reason{}
			require.Equal(t, c.want, got)
		})
	}
}

// At the bound 2^24 and one term above it the sums are still exact, whatever the codes.
func TestLongSumsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{1024, 1025, 1040} {
		p := denseCase(2, 3, k, false, true)
		for turn, codes := range [][]float64{{-128}, {-128, 127}, {-128, 127, 1}} {
			a, b := make([]float64, 2*k), make([]float64, 3*k)
			for _, v := range [][]float64{a, b} {
				for i := range v {
					v[i] = codes[rng.IntN(len(codes))] / 16
				}
			}
			if turn == 1 {
				a[0], b[0] = 127./16, 127./16 // odd: one more bit
			}
			const format = "fixed:w8f4,rne,sat"
			require.Equal(t, whole, checkProduct[float32](t, "long sum", p, format, format, a, b))
		}
	}
	// Above 2^24 a sum in float32 loses each of three ones to a tie; the exact sum keeps their 3, rounded to 4.
	const k, format = 1033, "fixed:w8f0,rne,sat"
	values := make([]float64, k)
	for i := range values {
		values[i] = -128
		if i >= 1030 {
			values[i] = 1
		}
	}
	x := quantized[float32](t, number.MustParse(format), 1, []int{1, k}, values)
	y := quantized[float32](t, number.MustParse(format), 1, []int{k, 1}, values)
	out := qops.NewArray(tensor.Float32, []int{1, 1})
	require.NoError(t, denseCase(1, 1, k, false, false).op(tensor.Float32).Run(&qops.Call{Out: out, In: []*qops.Array{x, y}, Threads: 1}))
	require.Equal(t, float32(1030*128*128+4), out.F32[0])
}

// The certificate before a run is the one that the run finds, unless exponents decide.
func TestCertificateBeforeARun(t *testing.T) {
	for _, p := range convCases(geometry{n: 3, c: 3, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1}) {
		for _, a := range operandFormats {
			for _, b := range operandFormats {
				fa, fb := number.MustParse(a), number.MustParse(b)
				blocksA, err := fa.Blocks(p.shapes[0], p.channelAxis[0])
				require.NoError(t, err)
				blocksB, err := fb.Blocks(p.shapes[1], p.channelAxis[1])
				require.NoError(t, err)
				c := p.op(tensor.Float32).(qops.Summing).Certificate(
					qops.Operand{Format: fa, Blocks: blocksA, Shape: p.shapes[0]}, qops.Operand{Format: fb, Blocks: blocksB, Shape: p.shapes[1]}, false)
				values := func(shape []int) []float64 { return fillings[0].fill(rand.New(rand.NewPCG(3, 4)), shape) }
				way := p.decide(
					newFactor(quantized[float32](t, fa, p.channelAxis[0], p.shapes[0], values(p.shapes[0]))),
					newFactor(quantized[float32](t, fb, p.channelAxis[1], p.shapes[1], values(p.shapes[1]))), false)
				if !c.Spread {
					require.Equal(t, c.Exact, way != inOrder && way != ordered, "%s of %s and %s: %s, %s", p.name, a, b, c.Reason, way)
					require.Equal(t, c.Codes, way == ofCodes)
				}
			}
		}
	}
}
