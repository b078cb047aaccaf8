package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// codeWidths are the products of matrices on codes.
var codeWidths = []struct {
	bits    int
	has     func() bool
	product func(c, a, b []float32, m, n, k int, transA, transB bool, aExponents, bExponents []int, threads int) bool
}{
	{8, hasInt8, MatMulInt8},
	{16, func() bool { return true }, MatMulInt16},
}

// codeMatrices are op(a) and op(b) of a product, by rows and columns, with exponents for all, or each row and column.
type codeMatrices struct {
	m, n, k                int
	transA, transB         bool
	codesA, codesB         []int // op(a), (m, k) and op(b), (k, n)
	exponentsA, exponentsB []int
	a, b                   []float32 // as stored
	want                   []float32
}

// newCodeMatrices makes codes of so many bits, with sums that int32 holds.
func newCodeMatrices(rng *rand.Rand, bits, m, n, k int) *codeMatrices {
	x := &codeMatrices{m: m, n: n, k: k, transA: rng.IntN(2) == 0, transB: rng.IntN(2) == 0}
	half := 1 << (bits - 1)
	code := [...]func() int{
		func() int { return rng.IntN(2*half) - half },
		func() int { return []int{-half, half - 1}[rng.IntN(2)] },
		func() int { return -half },
		func() int { return half - 1 },
		func() int { return []int{0, 0, 0, 0, 1, -1}[rng.IntN(6)] },
	}
	// The second factor of wide codes is as small as int32 asks for.
	limit := min(half, (math.MaxInt32/half)/max(k, 1))
	first, second := code[rng.IntN(len(code))], code[rng.IntN(len(code))]
	for range m * k {
		x.codesA = append(x.codesA, first())
	}
	for range k * n {
		x.codesB = append(x.codesB, min(max(second(), -limit), limit))
	}
	if bits == 16 && rng.IntN(2) == 0 {
		for i, a := range x.codesA {
			x.codesA[i] = min(max(a, -limit), limit)
		}
		for i := range x.codesB {
			x.codesB[i] = second()
		}
	}
	x.exponentsA, x.exponentsB = someExponents(rng, m), someExponents(rng, n)
	store := func(codes []int, rows, columns int, trans bool, exponent func(row, column int) int) []float32 {
		values := make([]float32, len(codes)+3)[3:]
		for i := range rows {
			for j := range columns {
				at := i*columns + j
				if trans {
					at = j*rows + i
				}
				values[at] = float32(math.Ldexp(float64(codes[i*columns+j]), exponent(i, j)))
				if codes[i*columns+j] == 0 && at%2 == 0 {
					values[at] = float32(math.Copysign(0, -1))
				}
			}
		}
		return values
	}
	x.a = store(x.codesA, m, k, x.transA, func(row, _ int) int { return exponentOf(x.exponentsA, row) })
	x.b = store(x.codesB, k, n, x.transB, func(_, column int) int { return exponentOf(x.exponentsB, column) })
	for i := range m {
		for j := range n {
			sum := int64(0)
			for l := range k {
				sum += int64(x.codesA[i*k+l]) * int64(x.codesB[l*n+j])
			}
			x.want = append(x.want, rounded(sum, exponentOf(x.exponentsA, i)+exponentOf(x.exponentsB, j)))
		}
	}
	return x
}

func someExponents(rng *rand.Rand, n int) []int {
	count := []int{1, n}[rng.IntN(2)]
	exponents := make([]int, max(count, 1))
	base := rng.IntN(40) - 40
	for i := range exponents {
		exponents[i] = base + rng.IntN(9)
	}
	if count == 0 {
		return exponents[:1]
	}
	return exponents
}

// codeSizes are those of networks, and every size that tiles and vectors can end at.
func codeSizes(rng *rand.Rand) [][3]int {
	sizes := [][3]int{
		{0, 3, 4},
		{3, 0, 4},
		{3, 4, 0},
		{1, 1, 1},
		{25, 512, 128},
		{128, 10, 64},
		{64, 10, 128},
		{128, 512, 25},
		{50, 65, 128},
		{12, 32, 4},
		{13, 33, 5},
		{11, 31, 3},
		{6, 16, 2},
		{7, 17, 1},
		{2, 70, 600},
	}
	for m := 1; m <= 26; m++ {
		sizes = append(sizes, [3]int{m, 1 + rng.IntN(70), 1 + rng.IntN(70)})
	}
	for range 30 {
		sizes = append(sizes, [3]int{1 + rng.IntN(40), 1 + rng.IntN(100), 1 + rng.IntN(150)})
	}
	return sizes
}

func TestProductsOfCodesAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(61, 62))
		for _, width := range codeWidths {
			for i, size := range codeSizes(rng) {
				x := newCodeMatrices(rng, width.bits, size[0], size[1], size[2])
				what := fmt.Sprintf("%d bits, (%d, %d, %d), transposed %v %v", width.bits, x.m, x.n, x.k, x.transA, x.transB)
				for _, threads := range []int{1, 2, 7} {
					c, check := kerneltest.Guarded[float32](len(x.want))
					done := width.product(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, x.exponentsA, x.exponentsB, threads)
					require.Equal(t, width.has(), done, what)
					if done {
						kerneltest.RequireSameBits(t, x.want, c, what)
					}
					check(t)
				}
				if i%3 == 0 { // the kernels on float64 agree
					c := make([]float32, len(x.want))
					MatMul(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, Whole, 1, 2)
					kerneltest.RequireSameBits(t, x.want, c, what)
				}
			}
		}
	})
}

// The factors by themselves: the right one packed once, with several left ones.
func TestFactorsOfCodesAreTheProduct(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(63, 64))
		var right RightCodes
		var left LeftCodes
		for _, width := range codeWidths {
			for _, size := range codeSizes(rng) {
				x := newCodeMatrices(rng, width.bits, size[0], size[1], size[2])
				if x.transA {
					continue
				}
				require.Equal(t, width.has(), right.Pack(width.bits, x.b, x.k, x.n, x.transB, x.exponentsB))
				require.Equal(t, width.has(), left.Set(width.bits, x.a, x.m, x.k, x.exponentsA))
				for range 2 {
					if !width.has() {
						break
					}
					c, check := kerneltest.Guarded[float32](len(x.want))
					left.Multiply(c, &right)
					kerneltest.RequireSameBits(t, x.want, c, size)
					check(t)
				}
			}
		}
	})
}

// Values that are no codes are found wherever they stand.
func TestProductsOfCodesRefuseOtherValues(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(65, 66))
		for _, width := range codeWidths {
			if !width.has() {
				continue
			}
			half := float32(int(1) << (width.bits - 1))
			for range 20 {
				x := newCodeMatrices(rng, width.bits, 1+rng.IntN(40), 1+rng.IntN(40), 1+rng.IntN(40))
				zero, c := []int{0}, make([]float32, len(x.want))
				clear(x.a)
				clear(x.b)
				require.True(t, width.product(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, zero, zero, 2))
				for _, values := range [][]float32{x.a, x.b} {
					at := rng.IntN(len(values))
					for _, good := range []float32{-half, half - 1} {
						values[at] = good
						require.True(t, width.product(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, zero, zero, 2))
					}
					for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), half, -half - 1, 0x1p30, -0x1p127} {
						values[at] = bad
						require.False(t, width.product(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, zero, zero, 2), "%v at %d", bad, at)
					}
					values[at] = 0
				}
			}
		}
	})
}

// Exponents are taken as long as all powers of two that the kernels multiply by are float32 numbers.
func TestProductsOfCodesAtTheLimitsOfExponents(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for _, width := range codeWidths {
			for _, e := range []struct {
				a, b []int
				want bool
			}{
				{[]int{-74}, []int{-74}, true},
				{[]int{-75}, []int{0}, false},
				{[]int{0}, []int{0, 0, -75}, false},
				{[]int{63}, []int{63}, true},
				{[]int{64}, []int{0}, false},
				{[]int{63, -74}, []int{-74, 0, 63}, true},
				{[]int{1, 2, 3}, []int{1}, false},
				{[]int{1}, []int{1, 2}, false},
				{nil, []int{1}, false},
				{[]int{1}, nil, false},
			} {
				const m, n, k = 2, 3, 5
				codes := func(rows int, exponents []int, sign float64) (s []float32) {
					for i := range rows * k {
						e := 0
						if len(exponents) > 0 {
							e = exponents[i/k%len(exponents)]
						}
						s = append(s, float32(math.Ldexp(sign, e)))
					}
					return s
				}
				a, b, c := codes(m, e.a, 1), codes(n, e.b, -1), make([]float32, m*n)
				require.Equal(t, e.want && width.has(), width.product(c, a, b, m, n, k, false, true, e.a, e.b, 1), "%+v", e)
				if e.want && width.has() {
					want := make([]float32, m*n)
					MatMul(want, a, b, m, n, k, false, true, Sequence, 1, 1)
					kerneltest.RequireSameBits(t, want, c, e)
				}
			}
		}
	})
}

// Sums that int32 cannot hold are refused; the largest that it can are exact.
func TestProductsOfCodesUpToInt32(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		for _, k := range []int{int8Terms, int8Terms + 1} {
			a, c := slices.Repeat([]float32{-128}, k), make([]float32, 1)
			require.Equal(t, hasInt8() && k == int8Terms, MatMulInt8(c, a, a, 1, 1, k, false, false, []int{0}, []int{0}, 1))
			if hasInt8() && k == int8Terms {
				require.Equal(t, float32(int8Terms*128*128), c[0])
			}
		}
		// Two terms of the lowest codes of 16 bits are 2^31. One of them and what is left below 2^31 fit.
		a, b, c := []float32{-32768, -32768, 1}, []float32{-32768, -32767, 32767}, make([]float32, 1)
		require.True(t, MatMulInt16(c, a, b, 1, 1, 3, false, false, []int{0}, []int{0}, 1))
		require.Equal(t, float32(math.MaxInt32), c[0])
	})
}

// Products of codes allocate nothing once they have run.
func TestProductsOfCodesKeepTheirMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(67, 68))
	for _, width := range codeWidths {
		if !width.has() {
			continue
		}
		x := newCodeMatrices(rng, width.bits, 25, 65, 70)
		c := make([]float32, len(x.want))
		require.LessOrEqual(t, testing.AllocsPerRun(200, func() {
			width.product(c, x.a, x.b, x.m, x.n, x.k, x.transA, x.transB, x.exponentsA, x.exponentsB, 1)
		}), 0.1)
	}
}
