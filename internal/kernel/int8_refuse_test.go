package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

var int8Small = Conv{
	N: 2, C: 5, H: 6, W: 19, OC: 7, KH: 3, KW: 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1,
}

// int8Operands are x, w and dy of a convolution, of codes without an exponent.
func int8Operands(p Conv) (x, w, dy []float32) {
	rng := rand.New(rand.NewPCG(27, 28))
	return kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Integers, p.OC*p.C*p.KH*p.KW), kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.OC*p.OH()*p.OW())
}

// runInt8 runs all three convolutions with the same exponents and reports which were done.
func runInt8(p Conv, x, w, dy []float32, first, second []int, threads int) (done [3]bool) {
	done[0] = ConvForwardInt8(p, make([]float32, len(dy)), x, w, first, second, threads)
	done[1] = ConvBackwardDataInt8(p, make([]float32, len(x)), dy, w, first, second, threads)
	done[2] = ConvBackwardWeightInt8(p, make([]float32, len(w)), x, dy, first, second, Whole, threads)
	return done
}

// Values that are no codes of 8 bits leave the work to other kernels, wherever they stand.
func TestInt8ConvolutionsRefuseOtherValues(t *testing.T) {
	p, zero := int8Small, []int{0}
	x, w, dy := int8Operands(p)
	all := hasInt8()
	require.Equal(t, [3]bool{all, all, all}, runInt8(p, x, w, dy, zero, zero, 2))
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 128, -129, 0x1p30, -0x1p127} {
		for operand, values := range [][]float32{x, w, dy} {
			for _, at := range []int{0, 18, len(values) / 2, len(values) - 1} {
				before := values[at]
				values[at] = bad
				want := [][3]bool{{false, all, false}, {false, false, all}, {all, false, false}}[operand] // those without the operand
				require.Equal(t, want, runInt8(p, x, w, dy, zero, zero, 2), "%v in operand %d at %d", bad, operand, at)
				values[at] = before
			}
		}
	}
}

// Every exponent is taken with which float32 has all powers of two that the kernels multiply by.
func TestInt8ConvolutionsAtTheLimitsOfExponents(t *testing.T) {
	p, all := int8Small, hasInt8()
	x, w, dy := int8Operands(p)
	for _, c := range []struct {
		first, second int
		want          bool
	}{
		{126, 1, all},
		{126, 2, false},
		{127, -100, false},
		{-126, -23, all},
		{-126, -24, false},
		{-127, 0, false},
		{-23, -126, all},
	} {
		scaled := func(s []float32, e int) []float32 {
			to := make([]float32, len(s))
			for i, v := range s { // codes so small that no value overflows
				to[i] = float32(math.Ldexp(float64(int(v)%2), e))
			}
			return to
		}
		a, b, y := scaled(x, c.first), scaled(w, c.second), make([]float32, len(dy))
		done := ConvForwardInt8(p, y, a, b, []int{c.first}, []int{c.second}, 1)
		require.Equal(t, c.want, done, "%+v", c)
		if done && c.first+c.second < 100 { // else sums overflow
			want := make([]float32, len(y))
			ConvForward(p, want, a, b, Sequence, 1)
			kerneltest.RequireSameBits(t, want, y, c)
		}
	}
	require.Equal(t, [3]bool{}, runInt8(p, x, w, dy, nil, []int{0}, 1), "no exponents")
}

// Without the instructions, or under another instruction set, nothing is done.
func TestInt8ConvolutionsUnderEveryInstructionSet(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		x, w, dy := int8Operands(int8Small)
		all := hasInt8()
		require.Equal(t, [3]bool{all, all, all}, runInt8(int8Small, x, w, dy, []int{0}, []int{0}, 2))
		if isa.Name() != "avx512" {
			require.False(t, all)
		}
	})
}

// Sums that int32 cannot hold are left to other kernels; the largest that it can are exact.
func TestInt8SumsUpToInt32(t *testing.T) {
	for _, c := range []int{int8Terms, int8Terms + 1} {
		p := Conv{N: 1, C: c, H: 1, W: 1, OC: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}
		x, y := make([]float32, c), make([]float32, 1)
		for i := range x {
			x[i] = -128
		}
		require.Equal(t, hasInt8() && c == int8Terms, ConvForwardInt8(p, y, x, x, []int{0}, []int{0}, 1))
		if y[0] != 0 {
			require.Equal(t, float32(int8Terms*128*128), y[0])
		}
	}
}
