package round

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// What the benchmarks of rounding work on: 4 M values on 2 threads.
const (
	benchLength  = 1 << 22
	benchThreads = 2
	benchGrain   = 1 << 15
)

// benchISAs runs a benchmark under the instruction sets that have kernels.
func benchISAs(b *testing.B, run func(b *testing.B)) {
	before := isa.Name()
	defer func() {
		if err := isa.Use(before); err != nil {
			b.Fatal(err)
		}
	}()
	for _, name := range []string{isa.Names[isa.AVX512], isa.Names[isa.AVX2]} {
		if isa.Use(name) == nil {
			b.Run(name, run)
		}
	}
}

// benchRun reports the time per element: that of a clock, and that of the processors, which others disturb less.
func benchRun(b *testing.B, name string, body func(lo, hi int)) {
	b.Run(name, func(b *testing.B) {
		start := kerneltest.ProcessorTime()
		for b.Loop() {
			parallel.For(benchLength, benchGrain, benchThreads, body)
		}
		spent := kerneltest.ProcessorTime() - start
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchLength, "ns/element")
		b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/benchLength, "cpu-ns/element")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkMinifloat is 4 M values on 2 threads, beside a copy.
func BenchmarkMinifloat(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst, codes := kerneltest.Data[float32](rng, kerneltest.Normal, benchLength), make([]float32, benchLength), make([]uint16, benchLength)
	benchISAs(b, func(b *testing.B) {
		for _, f := range []namedMinifloat{ieeeOf(5, 2), ieeeOf(8, 7)} {
			for _, c := range []roundingCase{{NearestEven, 0}, {Stochastic, 16}} {
				name := fmt.Sprintf("%s/rounding=%d/", f.name, c.r)
				benchRun(b, name+"copy", func(lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
				benchRun(b, name+"values", func(lo, hi int) {
					MinifloatValues(dst[lo:hi], src[lo:hi], f.Minifloat, c.r, Random{Start: lo, Bits: c.bits})
				})
				benchRun(b, name+"codes", func(lo, hi int) {
					MinifloatCodes(codes[lo:hi], src[lo:hi], f.Minifloat, c.r, Random{Start: lo, Bits: c.bits})
				})
			}
		}
	})
}
