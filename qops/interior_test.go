package qops_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

func interior(t *testing.T, product, sum string) *qops.Interior {
	t.Helper()
	i, err := qops.NewInterior(number.MustParse(product), number.MustParse(sum))
	require.NoError(t, err)
	require.NotNil(t, i)
	return i
}

// adder takes the terms of a sum in the order that a format names, and add combines two of them.
type adder[T any] struct {
	order number.SumOrder
	add   func(x, y T) T
}

// sum takes terms in sequences, each of which begins with a block of its own: all samples of a weight's gradient.
func (a adder[T]) sum(sequences [][]T) T {
	var total T
	for _, terms := range sequences {
		for len(terms) > 0 {
			n := min(map[number.SumOrder]int{number.Block8: 8, number.Tree16: 16}[a.order], len(terms))
			n = max(n, 1)
			total = a.add(total, a.block(terms[:n]))
			terms = terms[n:]
		}
	}
	return total
}

func (a adder[T]) block(terms []T) T {
	var inner T
	switch a.order {
	case number.Tree16:
		level := append(append([]T(nil), terms...), make([]T, 16-len(terms))...)
		for len(level) > 1 {
			for i := range len(level) / 2 {
				level[i] = a.add(level[2*i], level[2*i+1])
			}
			level = level[:len(level)/2]
		}
		return level[0]
	case number.Block8:
		for _, x := range terms {
			inner = a.add(inner, x)
		}
		return inner
	}
	return terms[0]
}

// sequences are the terms of output i as they are added: in one sequence, or one for each group.
func (p productCase) sequences(i int) [][]term {
	groups := p.terms(i)
	if p.grouped {
		return groups
	}
	var all []term
	for _, g := range groups {
		all = append(all, g...)
	}
	return [][]term{all}
}

func each[T any](sequences [][]term, value func(term) T) [][]T {
	out := make([][]T, len(sequences))
	for i, s := range sequences {
		for _, x := range s {
			out[i] = append(out[i], value(x))
		}
	}
	return out
}

func interiorCases() []productCase {
	cases := convCases(geometry{n: 3, c: 3, h: 4, w: 5, oc: 4, kernel: 3, pad: 1, stride: 1, dilation: 1})
	cases = append(cases, convCases(geometry{n: 2, c: 2, h: 7, w: 5, oc: 3, kernel: 2, pad: 1, stride: 2, dilation: 2})...)
	return append(cases, denseCase(5, 6, 27, false, false), denseCase(4, 3, 19, true, false), denseCase(3, 5, 18, false, true), denseCase(4, 4, 4, true, true))
}

// code is the whole number that an element enters a sum with, and the step that it counts.
func (f factor) code(t *testing.T, i int) (code *big.Int, step float64) {
	block := f.block(max(i, 0))
	unit, _, _ := f.grid.Format.Lattice()
	step = f.grid.Scales.Step[block] * unit
	if i < 0 {
		return new(big.Int), step
	}
	if f.grid.Codes != nil {
		return big.NewInt(int64(newFactor(f.grid.Codes).values[i])), step
	}
	q := new(big.Rat).Quo(new(big.Rat).SetFloat64(f.values[i]), new(big.Rat).SetFloat64(step))
	require.True(t, q.IsInt())
	return q.Num(), step
}

// accumulated is the definition of a sum in an accumulator, in integers of any size.
func accumulated(t *testing.T, p productCase, fa, fb factor, acc number.Format, i int) float64 {
	most := new(big.Int).Lsh(big.NewInt(1), uint(acc.Width()-1))
	least := new(big.Int).Neg(most)
	most.Sub(most, big.NewInt(1))
	var step float64
	terms := each(p.sequences(i), func(x term) *big.Int {
		a, stepA := fa.code(t, x.a)
		b, stepB := fb.code(t, x.b)
		step = stepA * stepB
		return new(big.Int).Mul(a, b)
	})
	limit := func(x *big.Int) *big.Int {
		if acc.Overflow() == number.Wrap {
			return x
		}
		return map[bool]*big.Int{true: x, false: map[bool]*big.Int{true: most, false: least}[x.Sign() > 0]}[x.Cmp(least) >= 0 && x.Cmp(most) <= 0]
	}
	sum := adder[*big.Int]{acc.SumOrder(), func(x, y *big.Int) *big.Int {
		z := new(big.Int)
		for _, v := range []*big.Int{x, y} {
			if v != nil {
				z.Add(z, v)
			}
		}
		return limit(z)
	}}.sum(terms)
	if sum == nil {
		return 0
	}
	if acc.Overflow() == number.Wrap {
		modulus := new(big.Int).Lsh(big.NewInt(1), uint(acc.Width()))
		sum = new(big.Int).Mod(sum, modulus)
		if sum.Cmp(most) > 0 {
			sum.Sub(sum, modulus)
		}
	}
	value, _ := new(big.Float).SetInt(sum).Float64()
	return value * step
}

var accumulators = []string{
	"acc:w8,wrap", "acc:w16,wrap", "acc:w31,wrap", "acc:w63,wrap", "acc:w12,sat,order=seq", "acc:w16,sat,order=block8", "acc:w14,sat,order=tree16",
	"acc:w20,sat,order=seq", "acc:w30,sat,order=seq", "acc:w63,sat,order=tree16",
}

// Sums in accumulators have the bits of sums of integers, for codes at the ends of their ranges too.
func TestAccumulators(t *testing.T) {
	operands := [][2]string{
		{"fixed:w8f4,rne,sat", "fixed:w8f6,rne,sat"},
		{"bfp:w8e8,rne,sat", "fixed:u8f6,rne,sat"},
		{"int:w8,scale=max,rne,sat", "int:w8,scale=0.037,rne,sat"},
		{"fixed:w16f9,rne,sat", "bfp:w16e8,rne,sat"},
		{"float:e4m3fn,rne,sat", "float:e3m2fn,rne,sat"},
		{"int:w8,scale=max,zero=auto,rne,sat", "fixed:w8f4,rne,sat"},
	}
	for i, formats := range operands {
		for j, acc := range accumulators {
			t.Run(fmt.Sprint(formats, acc), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				for k, p := range interiorCases() {
					va, vb := fillings[k%2].fill(rng, p.shapes[0]), fillings[(j+k)%2].fill(rng, p.shapes[1])
					checkAccumulator[float32](t, p, formats, acc, va, vb)
					if k%3 == 0 {
						checkAccumulator[float64](t, p, formats, acc, va, vb)
					}
				}
			})
		}
	}
}

// Gradients of weights whose sums over all samples are more than float32 holds, but not those over some.
func TestAccumulatorsOverManySamples(t *testing.T) {
	p := convCases(geometry{n: 45, c: 1, h: 5, w: 5, oc: 2, kernel: 3, pad: 1, stride: 1, dilation: 1})[2]
	rng := rand.New(rand.NewPCG(5, 5))
	for _, formats := range [][2]string{{"fixed:w8f4,rne,sat", "bfp:w8e8,rne,sat"}, {"bfp:w8e8,block=channel,rne,sat", "bfp:w8e8,block=channel,rne,sat"}, {"fixed:w9f4,rne,sat", "int:w8,scale=0.0370000001,rne,sat"}} {
		for _, acc := range []string{"acc:w16,wrap", "acc:w32,wrap", "acc:w40,wrap", "acc:w20,sat,order=seq"} {
			f := fillings[1] // extreme codes
			checkAccumulator[float32](t, p, formats, acc, f.fill(rng, p.shapes[0]), f.fill(rng, p.shapes[1]))
		}
	}
}

func checkAccumulator[T qops.Float](t *testing.T, p productCase, formats [2]string, acc string, va, vb []float64) {
	t.Helper()
	a := quantized[T](t, number.MustParse(formats[0]), p.channelAxis[0], p.shapes[0], va)
	b := quantized[T](t, number.MustParse(formats[1]), p.channelAxis[1], p.shapes[1], vb)
	fa, fb := newFactor(a), newFactor(b)
	want := make([]T, elements(p.out))
	for i := range want {
		want[i] = T(accumulated(t, p, fa, fb, number.MustParse(acc), i))
	}
	op := p.op(dtypeOf[T]())
	for _, threads := range []int{1, 3} {
		out := array[T](p.out, make([]float64, len(want)))
		require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{a, b}, Threads: threads, Interior: interior(t, "float32", acc)}))
		requireSameBits(t, want, qops.Data[T](out), fmt.Sprintf("%s of %v, %s, %T", p.name, formats, acc, want[0]))
	}
}

// Products and sums are rounded as the formats round tensors, one after the other.
func TestRoundedInteriors(t *testing.T) {
	for j, f := range [][2]string{
		{"float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=seq"},
		{"float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=block8"},
		{"float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=tree16"},
		{"float32", "float:e5m10ieee,rne,sat,order=seq"},
		{"float:e4m3fn,rne,sat", "float32"},
		{"fixed:w8f4,rne,sat", "fixed:w12f4,rne,sym,order=tree16"},
		{"fixed:u8f2,rne,sat", "float:e8m7ieee,rne,inf,order=block8"},
		{"float:e4m3fnuz,rne,sat", "fixed:w24f8,rne,sat,order=seq"},
		{"float:e5m2ieee,rne,inf", "float:e5m2noinf,rne,sat,order=seq"},
	} {
		t.Run(f[0]+" "+f[1], func(t *testing.T) {
			rng := rand.New(rand.NewPCG(9, uint64(j)))
			for _, p := range interiorCases() {
				a := quantized[float32](t, number.MustParse("float:e4m3fn,rne,sat"), 1, p.shapes[0], fillings[0].fill(rng, p.shapes[0]))
				b := quantized[float32](t, number.MustParse("float:e4m3fn,rne,sat"), 1, p.shapes[1], fillings[rng.IntN(2)].fill(rng, p.shapes[1]))
				checkRounded(t, p, f[0], f[1], a, b)
			}
		})
	}
}

// rounded is a value as a tensor of the format would hold it; zeros have no sign.
func rounded(t *testing.T, format string, x float32) float32 {
	t.Helper()
	f := number.MustParse(format).WithSumOrder(number.NoOrder)
	if f.IsFloat32() || x != x {
		return x + 0
	}
	out := []float32{0}
	_, err := number.Quantize(f, out, []float32{x}, []int{1}, number.Options{})
	require.NoError(t, err)
	return out[0] + 0
}

func checkRounded(t *testing.T, p productCase, product, sum string, a, b *qops.Array) {
	t.Helper()
	fa, fb := newFactor(a), newFactor(b)
	want := make([]float32, elements(p.out))
	for i := range want {
		terms := each(p.sequences(i), func(x term) float32 { return rounded(t, product, float32(fa.at(x.a))*float32(fb.at(x.b))) })
		want[i] = adder[float32]{number.MustParse(sum).SumOrder(), func(x, y float32) float32 { return rounded(t, sum, x+y) }}.sum(terms)
	}
	op := p.op(dtypeOf[float32]())
	for _, threads := range []int{1, 3} {
		out := array[float32](p.out, make([]float64, len(want)))
		require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{a, b}, Threads: threads, Interior: interior(t, product, sum)}))
		requireSameBits(t, want, out.F32, fmt.Sprintf("%s, product %s, sum %s", p.name, product, sum))
	}
}

// dot is the sum of products of two rows on a grid.
func dot(t *testing.T, format string, i *qops.Interior, a, b []float64) float64 {
	t.Helper()
	p := denseCase(1, 1, len(a), false, false)
	f := number.MustParse(format)
	out := array[float32]([]int{1, 1}, []float64{0})
	in := []*qops.Array{quantized[float32](t, f, 1, p.shapes[0], a), quantized[float32](t, f, 1, p.shapes[1], b)}
	require.NoError(t, p.op(dtypeOf[float32]()).Run(&qops.Call{Out: out, In: in, Threads: 1, Interior: i}))
	return float64(out.F32[0])
}

func repeat(x float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// At the accumulator's bound nothing happens; one product more, and it wraps or saturates.
func TestAccumulatorsAtTheirBounds(t *testing.T) {
	const grid = "fixed:w8f0,rne,sat"
	ones := repeat(1, 128)
	for _, c := range []struct {
		acc   string
		terms int
		want  float64
	}{
		{"acc:w8,wrap", 127, 127},
		{"acc:w8,wrap", 128, -128},
		{"acc:w8,sat,order=seq", 127, 127},
		{"acc:w8,sat,order=seq", 128, 127},
		{"acc:w8,sat,order=block8", 128, 127},
		{"acc:w8,sat,order=tree16", 128, 127},
	} {
		require.Equal(t, c.want, dot(t, grid, interior(t, "float32", c.acc), ones[:c.terms], ones[:c.terms]), "%s of %d", c.acc, c.terms)
	}
	low := repeat(-1, 129)
	require.Equal(t, -128.0, dot(t, grid, interior(t, "float32", "acc:w8,sat,order=seq"), low, repeat(1, 129)))
	require.Equal(t, 127.0, dot(t, grid, interior(t, "float32", "acc:w8,wrap"), low, repeat(1, 129)))
}

// A sum that saturates or rounds on the way depends on its order.
func TestTheOrderOfASumMatters(t *testing.T) {
	a := append(append(repeat(100, 2), repeat(-100, 2)...), repeat(0, 12)...) // 200 saturates before the rest comes
	one := repeat(1, 16)
	acc := func(order string) float64 {
		return dot(t, "fixed:w8f0,rne,sat", interior(t, "float32", "acc:w8,sat,order="+order), a, one)
	}
	require.Equal(t, -73.0, acc("seq"))
	require.Equal(t, -73.0, acc("block8"))
	require.Equal(t, -1.0, acc("tree16")) // 127 - 128
	// From 64 on, numbers are 8 apart: ones are lost one by one, but not eight at a time.
	small := append([]float64{64}, repeat(1, 31)...)
	round := func(order string) float64 {
		return dot(t, "fixed:w8f0,rne,sat", interior(t, "float32", "float:e5m3ieee,rne,sat,order="+order), small, repeat(1, 32))
	}
	require.Equal(t, 64.0, round("seq"))
	require.Equal(t, 88.0, round("block8"))
	require.Equal(t, 88.0, round("tree16"))
}
