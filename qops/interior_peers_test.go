package qops_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// What is known to go wrong in MPTorch 0.3, the other simulator of the interior of a sum of products, does not here.

// There, without subnormal numbers values between half and three quarters of the smallest normal number become zero, and
// those just below half of it become the smallest normal number. Here rounding is monotone down to zero.
func TestProductsRoundMonotonicallyNearZero(t *testing.T) {
	i := interior(t, "float:e5m2ieee,rne,sat", "float32")
	last := 0.0
	for k := range 65 {
		x := math.Ldexp(float64(k)/64, -14)
		got := dot(t, "fixed:w24f22,rne,sat", i, []float64{x}, []float64{1})
		require.Equal(t, math.RoundToEven(x*0x1p16)*0x1p-16, got)
		require.GreaterOrEqual(t, got, last)
		last = got
	}
}

// There, the product's flags are ignored in favour of the sum's: subnormal numbers and overflow.
func TestProductsHaveTheirOwnRangeAndOverflow(t *testing.T) {
	i := interior(t, "float:e4m3fn,rne,sat", "float:e8m7ieee,rne,inf,order=seq")
	require.Equal(t, 448.0, dot(t, "fixed:w16f4,rne,sat", i, []float64{1000}, []float64{1000}))
	i = interior(t, "float:e5m2ieee,rne,inf", "float:e6m5ieee,rne,sat,order=seq")
	require.Equal(t, 0x1.f8p31, dot(t, "fixed:w24f4,rne,sat", i, []float64{60000}, []float64{60000}), "the infinite product, saturated by the sum")
	i = interior(t, "fixed:w8f4,rne,sym", "fixed:w12f4,rne,sat,order=seq")
	require.Equal(t, -127.0/16, dot(t, "fixed:w16f4,rne,sat", i, []float64{-100}, []float64{1}), "the symmetric range of the product")
}

// There, one compensation term serves neighbouring outputs, and the order of additions differs between processors. Here an
// output does not depend on those beside it.
func TestOutputsAreIndependent(t *testing.T) {
	f := number.MustParse("float:e5m2ieee,rne,sat")
	i := interior(t, "float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=block8")
	const m, n, k = 3, 21, 50
	p := denseCase(m, n, k, false, false)
	va, vb := make([]float64, m*k), make([]float64, k*n)
	for j := range va {
		va[j] = math.Sin(float64(j))
	}
	for j := range vb {
		vb[j] = math.Cos(float64(3 * j))
	}
	a, b := quantized[float32](t, f, 1, p.shapes[0], va), quantized[float32](t, f, 1, p.shapes[1], vb)
	all := array[float32](p.out, make([]float64, m*n))
	require.NoError(t, p.op(dtypeOf[float32]()).Run(&qops.Call{Out: all, In: []*qops.Array{a, b}, Threads: 2, Interior: i}))
	for column := range n {
		one := denseCase(m, 1, k, false, false)
		single := make([]float64, k)
		for l := range single {
			single[l] = float64(b.F32[l*n+column])
		}
		out := array[float32](one.out, make([]float64, m))
		in := []*qops.Array{a, quantized[float32](t, f, 1, one.shapes[1], single)}
		require.NoError(t, one.op(dtypeOf[float32]()).Run(&qops.Call{Out: out, In: in, Threads: 1, Interior: i}))
		for row := range m {
			require.Equal(t, out.F32[row], all.F32[row*n+column])
		}
	}
}

// There, sums beyond 24 bits are lost, since all is float32.
func TestSumsBeyond24Bits(t *testing.T) {
	a := append([]float64{4096}, repeat(1, 3)...)
	require.Equal(t, 4096.0*4096+4, dot(t, "fixed:w16f0,rne,sat", interior(t, "float32", "acc:w32,wrap"),
		append(a, 1), append([]float64{4096}, repeat(1, 4)...)), "2^24 + 1 + 1 + 1 + 1")
	require.Equal(t, 4096.0*4096+4, dot(t, "fixed:w16f0,rne,sat", interior(t, "float32", "acc:w32,sat,order=seq"),
		append(a, 1), append([]float64{4096}, repeat(1, 4)...)))
}

// There, stochastic rounding inside of a sum is biased towards zero by default and cannot be repeated. Here it is refused.
func TestRefusedInteriors(t *testing.T) {
	for _, c := range []struct{ product, sum, why string }{
		{"float:e5m2ieee,sr,sat", "float32", "only rne is simulated"},
		{"float32", "fixed:w16f4,sr,sat,order=seq", "only rne is simulated"},
		{"float32", "float:e6m5ieee,rne,sat", "order=seq"},
		{"float32", "acc:w20,sat", `"acc:w20,sat,order=seq"`},
		{"float32", "bfp:w8e8,rne,sat", "only fixed and float"},
		{"float32", "fixed:w16f4,rne,wrap,order=seq", "acc:wN,wrap"},
		{"float32", "fixed:w25f4,rne,sat,order=seq", "24 bits"},
		{"fixed:w8f4,rne,sat", "acc:w20,wrap", "grid of exact products"},
		{"fixed:w8f4,rne,sat", "exact", "give the sum a format"},
		{"float32", "float:e5m0noinf,rne,sat,order=seq", "needs a mantissa"},
		{"float32", "float:e4m3fn,rne,inf,order=seq", "not inf"},
	} {
		_, err := qops.NewInterior(number.MustParse(c.product), number.MustParse(c.sum))
		require.ErrorContains(t, err, c.why, "%s, %s", c.product, c.sum)
	}
	for _, sum := range []string{"exact", "float32"} {
		i, err := qops.NewInterior(number.Format{}, number.MustParse(sum))
		require.NoError(t, err)
		require.Nil(t, i)
	}
}

// NaN and infinities come through, and are not taken for numbers: there, stochastic rounding makes the largest number of a
// NaN.
func TestSpecialsInSums(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	rounds := interior(t, "float:e5m2ieee,rne,sat", "float:e6m5ieee,rne,sat,order=seq")
	const grid = "float:e5m2ieee,rne,inf"
	require.True(t, math.IsNaN(dot(t, grid, rounds, []float64{1, nan, 1}, []float64{1, 1, 1})))
	require.True(t, math.IsNaN(dot(t, grid, rounds, []float64{inf}, []float64{0})))
	require.Equal(t, 57344.0, dot(t, grid, rounds, []float64{inf}, []float64{1}))
	infinite := interior(t, "float:e5m2ieee,rne,inf", "float:e6m5ieee,rne,inf,order=tree16")
	require.Equal(t, inf, dot(t, grid, infinite, []float64{inf, 1}, []float64{1, 1}))
	require.True(t, math.IsNaN(dot(t, grid, infinite, []float64{inf, inf}, []float64{1, -1})))
	require.Equal(t, 0x1p-18, dot(t, "fixed:w24f22,rne,sat", interior(t, "float32", "float:e5m4ieee,rne,sat,order=seq"), []float64{0x1p-9}, []float64{0x1p-9}), "a subnormal sum")
}

// There, the weight's gradient of an input of several samples is one rounded sum for each, added in float32, and biases are
// added without rounding: results lie off the grid. Here every sum ends in its format, in each of a layer's products.
func TestResultsLieOnTheGridOfTheirSum(t *testing.T) {
	const sum = "float:e6m5ieee,rne,sat"
	for _, order := range []string{"seq", "block8", "tree16"} {
		i := interior(t, "float:e5m2ieee,rne,sat", sum+",order="+order)
		for _, p := range interiorCases() {
			f := number.MustParse("float:e5m2ieee,rne,sat")
			var in []*qops.Array
			for operand, shape := range p.shapes {
				values := make([]float64, elements(shape))
				for j := range values {
					values[j] = math.Sin(float64(1 + j*(2+operand)))
				}
				in = append(in, quantized[float32](t, f, p.channelAxis[operand], shape, values))
			}
			out := array[float32](p.out, make([]float64, elements(p.out)))
			require.NoError(t, p.op(dtypeOf[float32]()).Run(&qops.Call{Out: out, In: in, Threads: 2, Interior: i}))
			for _, x := range out.F32 {
				require.Equal(t, rounded(t, sum, x), x, "%s, %s", p.name, order)
			}
		}
	}
}

// There, with the default number of random bits a fraction of a quarter or a half is never rounded up, and with fewer bits
// one is cleared where the others should be. Here the share that is rounded up is the fraction, cut to the bits.
func TestStochasticRoundingRoundsUpByItsFraction(t *testing.T) {
	const n = 1 << 16
	for _, c := range []struct {
		format string
		bits   int
	}{{"float:e5m2ieee,sr,sat", 16}, {"fixed:w8f2,sr,sat", 16}, {"fixed:w8f2,sr8,sat", 8}, {"fixed:w8f2,sr2,sat", 2}, {"fixed:w8f2,sr1,sat", 1}} {
		for _, fraction := range []float64{0.125, 0.25, 0.5, 0.75} {
			x := quantized[float32](t, number.MustParse(c.format), 1, []int{n}, repeat(1+fraction/4, n))
			up := 0
			for _, v := range x.F32 {
				require.Contains(t, []float32{1, 1.25}, v)
				if v > 1 {
					up++
				}
			}
			steps := math.Ldexp(1, c.bits)
			want := math.Floor(fraction*steps) / steps
			require.InDelta(t, want, float64(up)/n, 5*math.Sqrt(want*(1-want)/n), "%s at %v", c.format, fraction)
		}
	}
}

// There, gradients of products with scaled operands are too large by the scale. Here a scale is a part of the values.
func TestGradientsOfScaledOperands(t *testing.T) {
	for _, format := range []string{"int:w8,scale=max,rne,sat", "bfp:w8e8,rne,sat"} {
		f := number.MustParse(format)
		for _, scale := range []float64{1, 0x1p-14, 0x1p14} {
			const m, n, k = 3, 4, 5
			p := denseCase(m, n, k, true, false)
			va, vb := make([]float64, k*m), make([]float64, k*n)
			for i := range va {
				va[i] = math.Sin(float64(i + 1))
			}
			for i := range vb {
				vb[i] = scale * math.Cos(float64(i+1))
			}
			in := []*qops.Array{quantized[float32](t, f, 1, p.shapes[0], va), quantized[float32](t, f, 1, p.shapes[1], vb)}
			out := array[float32](p.out, make([]float64, m*n))
			require.NoError(t, p.op(dtypeOf[float32]()).Run(&qops.Call{Out: out, In: in, Threads: 1}))
			for i := range out.F32 {
				want := 0.0
				for l := range k {
					want += va[l*m+i/n] * vb[l*n+i%n]
				}
				require.InDelta(t, want, float64(out.F32[i]), 0.05*scale, "%s, %v", format, scale)
			}
		}
	}
}
