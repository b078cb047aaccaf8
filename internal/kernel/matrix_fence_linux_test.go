package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// Products of matrices that are read where they lie touch no memory outside of their operands, and have the bits of the
// definition for any number of rows and columns.
func TestProductsInPlaceStayInsideTheirMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	const most = 4 * 40 * 70
	memory := map[bool][3][]byte{}
	for _, atEnd := range []bool{false, true} {
		memory[atEnd] = [3][]byte{kerneltest.Fenced(t, most, atEnd), kerneltest.Fenced(t, most, atEnd), kerneltest.Fenced(t, most, atEnd)}
	}
	kerneltest.OnEachISA(t, func(t *testing.T) {
		var right Right[float32]
		var left Left[float32]
		var sum ProductSum[float32]
		for m := 1; m <= 40; m++ {
			n, k := 1+(m*7)%70, 1+(m*5)%17
			a, b := kerneltest.Data[float32](rng, kerneltest.Normal, m*k), kerneltest.Data[float32](rng, kerneltest.Normal, k*n)
			want := make([]float32, m*n)
			plainMatMul(want, a, b, m, n, k, false, false, Sequence, 0, 1)
			twice := make([]float32, m*n)
			for i, x := range want {
				twice[i] = x + x
			}
			transposed := make([]float32, m*k)
			transposePlain(transposed, m, a, k, m, k)
			for _, atEnd := range []bool{false, true} {
				place := func(i, n int) []float32 {
					if whole := memory[atEnd][i]; atEnd {
						return kerneltest.As[float32](whole[len(whole)-4*n:], n)
					}
					return kerneltest.As[float32](memory[atEnd][i], n)
				}
				in, with, out := place(0, m*k), place(1, k*n), place(2, m*n)
				copy(with, b)
				kerneltest.Inside(t, func() {
					copy(in, a)
					right.Pack(with, k, n, false, Sequence, 0)
					left.Set(in, m, k)
					left.Multiply(out, &right)
				}, "%d×%d×%d, at the end: %v", m, n, k, atEnd)
				kerneltest.RequireSameBits(t, want, out, m, n, k)
				kerneltest.Inside(t, func() {
					copy(in, transposed)
					sum.Add(out, in, with, m, n, k, true)
					sum.Add(out, in, with, m, n, k, false)
				}, "sum of %d×%d×%d, at the end: %v", m, n, k, atEnd)
				kerneltest.RequireSameBits(t, twice, out, m, n, k)
			}
		}
	})
}
