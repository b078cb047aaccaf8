package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// resNet14Convs are the convolutions of ResNet-14 on 32×32 images (widths 16, 32, 64; 26.66 M multiply-adds per image
// with the dense layer) with how often each occurs.
func resNet14Convs(batch int) (shapes []Conv, times []int) {
	conv := func(c, size, oc, k, stride, count int) {
		pad := k / 2
		shapes = append(shapes, Conv{
			N: batch, C: c, H: size, W: size, OC: oc, KH: k, KW: k, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad,
			StrideH: stride, StrideW: stride, DilationH: 1, DilationW: 1,
		})
		times = append(times, count)
	}
	conv(3, 32, 16, 3, 1, 1)
	conv(16, 32, 16, 3, 1, 4)
	conv(16, 32, 32, 3, 2, 1)
	conv(16, 32, 32, 1, 2, 1)
	conv(32, 16, 32, 3, 1, 3)
	conv(32, 16, 64, 3, 2, 1)
	conv(32, 16, 64, 1, 2, 1)
	conv(64, 8, 64, 3, 1, 3)
	return shapes, times
}

func (p Conv) multiplyAdds() int { return p.N * p.OC * p.OH() * p.OW() * p.C * p.KH * p.KW }

// BenchmarkResNet14Convs is all convolutions of a training step of ResNet-14 with 128 images, forward and backward.
func BenchmarkResNet14Convs(b *testing.B) {
	const batch = 128
	for _, sum := range []Sum{Sequence, Whole, Blockwise} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%v/threads=%d", sum, threads), func(b *testing.B) {
				shapes, times := resNet14Convs(batch)
				rng := rand.New(rand.NewPCG(1, 1))
				work := 0
				type tensors struct{ x, w, y []float32 }
				var all []tensors
				for i, p := range shapes {
					all = append(all, tensors{
						kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Integers, p.OC*p.C*p.KH*p.KW),
						kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.OC*p.OH()*p.OW()),
					})
					work += 3 * times[i] * p.multiplyAdds()
				}
				b.ReportAllocs()
				start := kerneltest.ProcessorTime()
				for b.Loop() {
					for i, p := range shapes {
						t := all[i]
						for range times[i] {
							ConvForward(p, t.y, t.x, t.w, sum, threads)
							if i > 0 { // images need no gradient
								ConvBackwardData(p, t.x, t.y, t.w, sum, threads)
							}
							ConvBackwardWeight(p, t.w, t.x, t.y, sum, threads)
						}
					}
				}
				seconds := b.Elapsed().Seconds() / float64(b.N)
				spent := (kerneltest.ProcessorTime() - start).Seconds() / float64(b.N)
				b.ReportMetric(batch/seconds, "images/s")
				b.ReportMetric(1e3*spent, "cpu-ms")
				b.ReportMetric(2*float64(work)/spent/1e9, "GFLOP/cpu-s")
			})
		}
	}
}

// BenchmarkConv is one convolution of each kind, as a share of what its multiply-adds take.
func BenchmarkConv(b *testing.B) {
	shapes, _ := resNet14Convs(32)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range shapes {
		x, w := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Normal, p.OC*p.C*p.KH*p.KW)
		y := kerneltest.Data[float32](rng, kerneltest.Normal, p.N*p.OC*p.OH()*p.OW())
		run := func(name string, body func()) {
			b.Run(fmt.Sprintf("%dx%dx%d-%d-k%d-s%d/%s", p.C, p.H, p.W, p.OC, p.KH, p.StrideH, name), func(b *testing.B) {
				kerneltest.PerUnit(b, "flop", 2*float64(p.multiplyAdds()), body)
			})
		}
		for _, sum := range []Sum{Sequence, Whole} {
			run("forward/"+sum.String(), func() { ConvForward(p, y, x, w, sum, 1) })
			run("data/"+sum.String(), func() { ConvBackwardData(p, x, y, w, sum, 1) })
			run("weight/"+sum.String(), func() { ConvBackwardWeight(p, w, x, y, sum, 1) })
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{{50, 512, 128}, {128, 10, 64}, {512, 512, 512}} {
		m, n, k := s[0], s[1], s[2]
		x, y, z := kerneltest.Data[float32](rng, kerneltest.Normal, m*k), kerneltest.Data[float32](rng, kerneltest.Normal, k*n), make([]float32, m*n)
		for variant := range 4 {
			b.Run(fmt.Sprintf("%dx%dx%d/%d", m, n, k, variant), func(b *testing.B) {
				kerneltest.PerUnit(b, "flop", float64(2*m*n*k), func() { MatMul(z, x, y, m, n, k, variant&1 != 0, variant&2 != 0, Sequence, 0, 1) })
			})
		}
	}
}
