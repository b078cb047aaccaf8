package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// BenchmarkCodeProducts is products of matrices of an LSTM and of ResNet-14's last layer on codes, forward and for the
// gradients, and beside each the float kernel that gives the same.
func BenchmarkCodeProducts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	zero := []int{0}
	for _, s := range []struct {
		m, n, k        int
		transA, transB bool
	}{
		{25, 512, 128, false, false},
		{50, 512, 128, false, false},
		{2500, 512, 128, false, false},
		{2500, 128, 512, false, true},
		{128, 512, 2500, true, false},
		{128, 512, 50, true, false},
		{128, 10, 64, false, false},
		{128, 64, 10, false, true},
		{64, 10, 128, true, false},
		{512, 512, 512, false, false},
	} {
		x, y := kerneltest.Data[float32](rng, kerneltest.Integers, s.m*s.k), kerneltest.Data[float32](rng, kerneltest.Integers, s.k*s.n)
		c := make([]float32, s.m*s.n)
		run := func(name string, body func()) {
			b.Run(fmt.Sprintf("%dx%dx%d-%v-%v/%s", s.m, s.n, s.k, s.transA, s.transB, name), func(b *testing.B) {
				start := kerneltest.ProcessorTime()
				for b.Loop() {
					body()
				}
				spent := (kerneltest.ProcessorTime() - start).Seconds() / float64(b.N)
				b.ReportMetric(2*float64(s.m*s.n*s.k)/spent/1e9, "Gop/cpu-s")
			})
		}
		run("float", func() { MatMul(c, x, y, s.m, s.n, s.k, s.transA, s.transB, Sequence, 1, 1) })
		run("whole", func() { MatMul(c, x, y, s.m, s.n, s.k, s.transA, s.transB, Whole, 1, 1) })
		run("int16", func() { MatMulInt16(c, x, y, s.m, s.n, s.k, s.transA, s.transB, zero, zero, 1) })
		if !hasInt8() {
			continue
		}
		run("int8", func() { MatMulInt8(c, x, y, s.m, s.n, s.k, s.transA, s.transB, zero, zero, 1) })
		var left LeftCodes
		var right RightCodes
		if !s.transA && right.Pack(8, y, s.k, s.n, s.transB, zero) && left.Set(8, x, s.m, s.k, zero) {
			run("int8 packed", func() { left.Multiply(c, &right) })
			run("int8 left", func() { left.Set(8, x, s.m, s.k, zero); left.Multiply(c, &right) })
		}
	}
}
