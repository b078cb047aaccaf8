package qops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// operandFormats are those whose products are compared with their definition.
var operandFormats = []string{
	"float32",
	"fixed:w8f4,rne,sat",
	"fixed:u8f6,rne,sat",
	"fixed:w16f9,sr,sat",
	"bfp:w8e8,rne,sat",
	"bfp:w8e8,block=sample,sr,sat",
	"bfp:w8e8,block=channel,rne,sym",
	"bfp:w16e8,block=sample,rne,sat",
	"bfp:w8e8,block=sample,sr,sym+qpytorch",
	"int:w8,scale=max,rne,sat",
	"int:w8,scale=max,block=channel,sr,sat",
	"int:w8,scale=max,zero=auto,rne,sat",
	"int:w16,scale=0.0370000001,rne,sat",
	"float:e4m3fn,rne,sat",
	"float:e5m2ieee,sr,sat",
	"float:e8m7ieee,rne,sat",
	"mx:e4m3,scale=floor,rne,sat",
	"mx:int8,scale=ceil,sr,sat",
	"nv:e2m1,rne,sat",
	"bfp:w8e8,block=2,axis=1,rne,sat",
	"bfp:w4e8,block=2x3,rne,sat",
}

// filling makes the values of an operand, which lie in `rows` by `channels` by the rest.
type filling struct {
	name string
	at   func(rng *rand.Rand, row, channel int) float64
}

var fillings = []filling{
	{"normal", func(rng *rand.Rand, _, _ int) float64 { return rng.NormFloat64() }},
	{"extreme codes", func(rng *rand.Rand, _, _ int) float64 { return []float64{-8, 7.96875, -7.96875}[rng.IntN(3)] }},
	{"exponents spread a little", func(rng *rand.Rand, row, channel int) float64 {
		return rng.NormFloat64() * math.Ldexp(1, -3*(row+channel))
	}},
	{"exponents spread by 20", func(rng *rand.Rand, row, channel int) float64 {
		return rng.NormFloat64() * math.Ldexp(1, -20*((row+channel)%2))
	}},
	{"zero blocks", func(rng *rand.Rand, row, channel int) float64 {
		if row%2 == 1 || channel%3 == 1 {
			return 0
		}
		return rng.NormFloat64()
	}},
	{"zeros", func(*rand.Rand, int, int) float64 { return 0 }},
	{"tiny", func(rng *rand.Rand, row, _ int) float64 { return rng.NormFloat64() * math.Ldexp(1, -70-row) }},
	{"huge", func(rng *rand.Rand, _, _ int) float64 { return rng.NormFloat64() * 0x1p61 }},
}

func (f filling) fill(rng *rand.Rand, shape []int) []float64 {
	values := make([]float64, elements(shape))
	channels, inner := shape[1], elements(shape[2:])
	for i := range values {
		values[i] = f.at(rng, i/inner/channels, i/inner%channels)
	}
	return values
}

// Conv, its two gradients, and Dense under both transposes give the bits of their definition for every pair of operand
// formats, at any number of threads.
func TestProductsAreTheirDefinition(t *testing.T) {
	cases := convCases(geometry{n: 3, c: 3, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1})
	cases = append(cases, convCases(geometry{n: 2, c: 2, h: 7, w: 5, oc: 3, kernel: 2, pad: 1, stride: 2, dilation: 2})...)
	cases = append(cases, denseCase(5, 6, 7, false, false), denseCase(4, 3, 9, true, false), denseCase(3, 5, 8, false, true), denseCase(4, 4, 4, true, true))
	seen := map[how]int{}
	for i, a := range operandFormats {
		for j, b := range operandFormats {
			t.Run(a+"/"+b, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				for k, p := range cases { // over the formats, each case meets every pair of fillings
					fa, fb := fillings[(i+k)%len(fillings)], fillings[(j+2*k)%len(fillings)]
					va, vb := fa.fill(rng, p.shapes[0]), fb.fill(rng, p.shapes[1])
					what := fmt.Sprintf("%s of %s and %s", p.name, fa.name, fb.name)
					seen[checkProduct[float32](t, what, p, a, b, va, vb)]++
					seen[checkProduct[float64](t, what, p, a, b, va, vb)]++
				}
			})
		}
	}
	for _, way := range []how{whole, blocks, ofCodes, inOrder, ordered} {
		require.Positive(t, seen[way], "no case was taken %s", way)
	}
	t.Log(seen)
}

// Blocks that a reshape has laid across the order of the terms: exact as a whole if exponents allow, else in order.
func TestProductsOfReshapedOperands(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	f := number.MustParse("bfp:w8e8,block=sample,rne,sat")
	cases := convCases(geometry{n: 2, c: 3, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1})
	cases = append(cases, denseCase(4, 3, 6, false, false), denseCase(4, 3, 6, true, false))
	seen := map[how]int{}
	for _, p := range cases {
		for _, spread := range []int{0, 2, 20} {
			n := elements(p.shapes[0])
			rows := []int{n / 2, 2} // as many blocks as there are pairs of elements
			values := make([]float64, n)
			for i := range values {
				values[i] = rng.NormFloat64() * math.Ldexp(1, -spread*(i/2%2))
			}
			a := quantized[float32](t, f, 1, rows, values)
			a.Shape = p.shapes[0]
			b := quantized[float32](t, number.MustParse("fixed:w8f4,rne,sat"), 1, p.shapes[1], fillings[0].fill(rng, p.shapes[1]))
			seen[compareProduct[float32](t, fmt.Sprintf("%s, spread by %d", p.name, spread), p, a, b)]++
		}
	}
	require.Positive(t, seen[whole])
	require.Positive(t, seen[inOrder])
	require.Positive(t, seen[blocks])
}

// Blocks of QPyTorch's that are subnormal have codes beyond the format's, and their sums are taken in order.
func TestProductsOfSubnormalBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	p := denseCase(4, 3, 6, false, false)
	subnormal, normal := make([]float64, elements(p.shapes[0])), make([]float64, elements(p.shapes[1]))
	for i := range subnormal {
		subnormal[i] = math.Ldexp(float64(1<<22+rng.IntN(1<<21)), -149)
	}
	for i := range normal {
		normal[i] = math.Ldexp(rng.NormFloat64(), 100)
	}
	for _, f := range []string{"bfp:w8e8,rne,sym+qpytorch", "bfp:w8e8,block=sample,rne,sym+qpytorch"} {
		require.Equal(t, inOrder, checkProduct[float32](t, f, p, f, f, subnormal, normal))
		require.NotEqual(t, inOrder, checkProduct[float32](t, f, p, f, f, make([]float64, len(subnormal)), normal), "zeros have every step")
	}
}

// checkProduct compares a product with its definition and returns how the definition takes its sums.
func checkProduct[T qops.Float](t *testing.T, what string, p productCase, formatA, formatB string, va, vb []float64) how {
	t.Helper()
	a := quantized[T](t, number.MustParse(formatA), p.channelAxis[0], p.shapes[0], va)
	b := quantized[T](t, number.MustParse(formatB), p.channelAxis[1], p.shapes[1], vb)
	return compareProduct[T](t, what, p, a, b)
}

func compareProduct[T qops.Float](t *testing.T, what string, p productCase, a, b *qops.Array) how {
	t.Helper()
	fa, fb := newFactor(a), newFactor(b)
	way := p.decide(fa, fb, a.F64 != nil)
	want := sums[T](p, fa, fb, way)
	op := p.op(dtypeOf[T]())
	run := func(threads int) {
		out := array[T](p.out, make([]float64, len(want)))
		require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{a, b}, Threads: threads}))
		requireSameBits(t, want, qops.Data[T](out), fmt.Sprintf("%s in %T, %s, %d threads, %s", what, want[0], way, threads, isa.Name()))
	}
	for _, threads := range []int{1, 2, 3, 7} {
		run(threads)
	}
	best := isa.Name()
	defer func() { require.NoError(t, isa.Use(best)) }()
	for _, set := range []string{"avx2", "go"} {
		if isa.Use(set) == nil {
			run(2)
		}
	}
	return way
}

func requireSameBits[T qops.Float](t *testing.T, want, got []T, what string) {
	t.Helper()
	for i := range want {
		if bitsOf(want[i]) != bitsOf(got[i]) && !(want[i] != want[i] && got[i] != got[i]) {
			require.Failf(t, "other bits", "%s: element %d is %v, wanted %v", what, i, got[i], want[i])
		}
	}
}

func bitsOf[T qops.Float](x T) uint64 {
	if single, ok := any(x).(float32); ok {
		return uint64(math.Float32bits(single))
	}
	return math.Float64bits(float64(x))
}
