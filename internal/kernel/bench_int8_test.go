package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// BenchmarkInt8Conv is convolutions of ResNet-14 on codes of 8 bits, and beside each the float kernel that gives the same.
func BenchmarkInt8Conv(b *testing.B) {
	shapes, _ := resNet14Convs(32)
	rng := rand.New(rand.NewPCG(1, 1))
	exponents := []int{0}
	for _, p := range shapes {
		x, w := kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.C*p.H*p.W), kerneltest.Data[float32](rng, kerneltest.Integers, p.OC*p.C*p.KH*p.KW)
		y := kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.OC*p.OH()*p.OW())
		out := kerneltest.Data[float32](rng, kerneltest.Integers, max(len(x), len(w), len(y)))
		run := func(name string, body func()) {
			b.Run(fmt.Sprintf("%dx%dx%d-%d-k%d-s%d/%s", p.C, p.H, p.W, p.OC, p.KH, p.StrideH, name), func(b *testing.B) {
				start := kerneltest.ProcessorTime()
				for b.Loop() {
					body()
				}
				spent := (kerneltest.ProcessorTime() - start).Seconds() / float64(b.N)
				b.ReportMetric(2*float64(p.multiplyAdds())/spent/1e9, "Gop/cpu-s")
			})
		}
		run("forward/float", func() { ConvForward(p, out[:len(y)], x, w, Sequence, 1) })
		run("forward/int8", func() { ConvForwardInt8(p, out[:len(y)], x, w, exponents, exponents, 1) })
		run("forward/int16", func() { ConvForwardInt16(p, out[:len(y)], x, w, exponents, exponents, 1) })
		run("data/float", func() { ConvBackwardData(p, out[:len(x)], y, w, Sequence, 1) })
		run("data/int8", func() { ConvBackwardDataInt8(p, out[:len(x)], y, w, exponents, exponents, 1) })
		run("data/int16", func() { ConvBackwardDataInt16(p, out[:len(x)], y, w, exponents, 0, 1) })
		run("weight/float", func() { ConvBackwardWeight(p, out[:len(w)], x, y, Blockwise, 1) })
		run("weight/int8", func() { ConvBackwardWeightInt8(p, out[:len(w)], x, y, exponents, exponents, Blockwise, 1) })
		run("weight whole/float", func() { ConvBackwardWeight(p, out[:len(w)], x, y, Whole, 1) })
		run("weight whole/int16", func() { ConvBackwardWeightInt16(p, out[:len(w)], x, y, 0, 0, 1) })
		run("weight whole/int8", func() { ConvBackwardWeightInt8(p, out[:len(w)], x, y, exponents, exponents, Whole, 1) })
	}
}

// BenchmarkInt8ResNet14Convs is all convolutions of a training step of ResNet-14 with 128 images on codes of 8 bits, but
// for the first one, whose input is float32.
func BenchmarkInt8ResNet14Convs(b *testing.B) {
	const batch = 128
	shapes, times := resNet14Convs(batch)
	rng := rand.New(rand.NewPCG(1, 1))
	exponents := []int{0}
	type tensors struct{ x, w, y, dx, dw, dy []float32 }
	var all []tensors
	work := 0
	for i, p := range shapes {
		t := tensors{
			x: kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.C*p.H*p.W), w: kerneltest.Data[float32](rng, kerneltest.Integers, p.OC*p.C*p.KH*p.KW),
			dy: kerneltest.Data[float32](rng, kerneltest.Integers, p.N*p.OC*p.OH()*p.OW()),
		}
		t.dx, t.dw, t.y = make([]float32, len(t.x)), make([]float32, len(t.w)), make([]float32, len(t.dy))
		all = append(all, t)
		if i > 0 {
			work += 3 * times[i] * p.multiplyAdds()
		}
	}
	for _, threads := range []int{1, 2} {
		for _, codes := range []bool{false, true} {
			name := "float"
			if codes {
				name = "int8"
			}
			b.Run(fmt.Sprintf("%s/threads=%d", name, threads), func(b *testing.B) {
				start := kerneltest.ProcessorTime()
				for b.Loop() {
					for i := 1; i < len(shapes); i++ {
						p, t := shapes[i], all[i]
						for range times[i] {
							if codes {
								ConvForwardInt8(p, t.y, t.x, t.w, exponents, exponents, threads)
								ConvBackwardDataInt8(p, t.dx, t.dy, t.w, exponents, exponents, threads)
								ConvBackwardWeightInt8(p, t.dw, t.x, t.dy, exponents, exponents, Blockwise, threads)
								continue
							}
							ConvForward(p, t.y, t.x, t.w, Sequence, threads)
							ConvBackwardData(p, t.dx, t.dy, t.w, Sequence, threads)
							ConvBackwardWeight(p, t.dw, t.x, t.dy, Blockwise, threads)
						}
					}
				}
				spent := (kerneltest.ProcessorTime() - start).Seconds() / float64(b.N)
				b.ReportMetric(1e3*spent, "cpu-ms")
				b.ReportMetric(2*float64(work)/spent/1e9, "Gop/cpu-s")
			})
		}
	}
}
