package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Products with a packed right factor are the plain ones, also when both factors are used again.
func TestPackedProductsAreTheirDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testPacked[float32])
		t.Run("float64", testPacked[float64])
	})
}

func testPacked[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var right Right[T]
	var left Left[T]
	shapes := [][3]int{{1, 1, 1}, {8, 32, 4}, {25, 128, 128}, {25, 65, 128}, {3, 100, 1}, {17, 10, 64}, {5, 7, 1100}, {9, 33, 0}, {0, 5, 3}}
	for i, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		for sum := Sequence; sum <= Blockwise; sum++ {
			for _, trans := range []bool{false, true} {
				f := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}[i%3]
				if sum == Whole {
					f = kerneltest.Integers
				}
				block := []int{1, 9, 128}[i%3]
				a, b := kerneltest.Data[T](rng, f, m*k), kerneltest.Data[T](rng, f, k*n)
				want := make([]T, m*n)
				plainMatMul(want, a, b, m, n, k, false, trans, sum, block, 1)
				right.Pack(b, k, n, trans, sum, block)
				left.Set(a, m, k)
				for range 2 {
					c, check := kerneltest.Guarded[T](m * n)
					left.Multiply(c, &right)
					kerneltest.RequireSameBits(t, want, c, fmt.Sprintf("%v of %d×%d×%d, transposed %v, block %d", sum, m, n, k, trans, block))
					check(t)
				}
			}
		}
	}
}

func TestPackedProductsRefuseLengthsThatDoNotFit(t *testing.T) {
	var right Right[float32]
	var left Left[float32]
	assert.PanicsWithValue(t, badLength, func() { right.Pack(make([]float32, 5), 2, 3, false, Sequence, 0) })
	assert.PanicsWithValue(t, badBlock, func() { right.Pack(make([]float32, 6), 2, 3, false, Blockwise, 0) })
	assert.PanicsWithValue(t, badLength, func() { left.Set(make([]float32, 5), 2, 3) })
	right.Pack(make([]float32, 6), 2, 3, false, Sequence, 0)
	left.Set(make([]float32, 6), 2, 3)
	assert.PanicsWithValue(t, badLength, func() { left.Multiply(make([]float32, 6), &right) })
}
