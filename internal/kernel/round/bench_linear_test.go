package round

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// sampleElements is a block of a sample: 16 channels of 32×32.
const sampleElements = 1 << 14

// BenchmarkRound is rounding to linear grids beside a copy, in the first-level cache, in the second-level one, and in
// memory; there also by two threads.
func BenchmarkRound(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	power, odd, exact := Grid{0x1p-6, 0, -512, 511}, Grid{float64(float32(0.01)), 0, -500, 500}, Grid{0.01, 0, -500, 500}
	byteGrid := Grid{0x1p-4, 0, -128, 127}
	random := Random{Order: philox.Order{Channels: 16, Area: 1024}, Bits: 16}
	defer func(set string) { _ = isa.Use(set) }(isa.Name())
	for _, set := range isa.Names {
		if isa.Use(set) != nil {
			continue
		}
		for _, c := range []struct{ elements, threads int }{{512, 1}, {sampleElements, 1}, {1 << 22, 1}, {1 << 22, 2}} {
			src, dst, codes := kerneltest.Data[float32](rng, kerneltest.Normal, c.elements), make([]float32, c.elements), make([]int8, c.elements)
			run := func(name string, body func(lo, hi int)) {
				b.Run(fmt.Sprintf("%s/%s/%d-%d", set, name, c.elements, c.threads), func(b *testing.B) {
					kerneltest.PerUnit(b, "element", float64(c.elements), func() { parallel.For(c.elements, sampleElements, c.threads, body) })
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.elements), "ns/element")
				})
			}
			round := func(name string, g Grid, r Mode) {
				run(name, func(lo, hi int) {
					from := random
					from.Start = lo
					Values(dst[lo:hi], src[lo:hi], g, r, from)
				})
			}
			run("copy", func(lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
			run("maxabs", func(lo, hi int) { MaxAbs(src[lo:hi]) })
			round("nearest", power, NearestEven)
			round("floor", power, Floor)
			round("stochastic", power, Stochastic)
			round("odd steps, nearest", odd, NearestEven)
			round("odd steps, stochastic", odd, Stochastic)
			round("float64 steps, nearest", exact, NearestEven)
			run("codes, nearest", func(lo, hi int) { Codes(codes[lo:hi], src[lo:hi], byteGrid, NearestEven, random) })
			for _, r := range []Mode{NearestEven, Stochastic} {
				run(fmt.Sprintf("blocks, %d", r), func(lo, hi int) {
					for ; lo < hi; lo += sampleElements {
						end := min(lo+sampleElements, hi)
						MaxAbs(src[lo:end])
						from := random
						from.Start = lo
						Values(dst[lo:end], src[lo:end], power, r, from)
					}
				})
			}
		}
	}
}
