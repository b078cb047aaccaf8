package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestMatMulIsItsDefinition(t *testing.T) {
	kerneltest.OnEachISA(t, func(t *testing.T) {
		t.Run("float32", testMatMul[float32])
		t.Run("float64", testMatMul[float64])
	})
}

func testMatMul[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	shapes := [][3]int{{1, 1, 1}, {8, 32, 4}, {50, 64, 33}, {3, 100, 1}, {17, 10, 64}, {5, 7, 1100}, {16, 64, 600}, {9, 33, 0}, {0, 5, 3}}
	for range 10 {
		shapes = append(shapes, [3]int{1 + rng.IntN(40), 1 + rng.IntN(80), 1 + rng.IntN(70)})
	}
	fillings := []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials}
	for i, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		for variant := range 4 {
			transA, transB := variant&1 != 0, variant&2 != 0
			for sum := Sequence; sum <= Blockwise; sum++ {
				f := fillings[(i+variant)%len(fillings)]
				if sum == Whole {
					f = kerneltest.Integers
				}
				block := []int{1, 9, 128, 700}[(i+variant)%4]
				what := fmt.Sprintf("%v of %d×%d×%d, transposed %v %v, block %d, %s", sum, m, n, k, transA, transB, block, f.Name)
				a, b := kerneltest.Data[T](rng, f, m*k), kerneltest.Data[T](rng, f, k*n)
				want := make([]T, m*n)
				plainMatMul(want, a, b, m, n, k, transA, transB, sum, block, 1)
				for _, threads := range []int{1, 2, 3, 7}[i%3 : i%3+2] {
					c, check := kerneltest.Guarded[T](m * n)
					MatMul(c, a, b, m, n, k, transA, transB, sum, block, threads)
					kerneltest.RequireSameBits(t, want, c, what, " threads ", threads)
					check(t)
				}
			}
		}
	}
}

func TestMatMulRefusesLengthsThatDoNotFit(t *testing.T) {
	assert.PanicsWithValue(t, badLength, func() {
		MatMul(make([]float32, 3), make([]float32, 4), make([]float32, 4), 2, 2, 2, false, false, Sequence, 0, 1)
	})
	assert.PanicsWithValue(t, badBlock, func() {
		MatMul(make([]float32, 4), make([]float32, 4), make([]float32, 4), 2, 2, 2, false, false, Blockwise, 0, 1)
	})
}
