package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkMinifloat is 4 M values on 2 threads, beside a copy.
func BenchmarkMinifloat(b *testing.B) {
	const n, threads, grain = 1 << 22, 2, 1 << 12
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst, codes := data[float32](rng, normal, n), make([]float32, n), make([]uint16, n)
	run := func(name string, body func(lo, hi int)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Parallel(n, grain, threads, body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
		})
	}
	before := ISA()
	defer func() { _ = SetISA(before) }()
	for _, isa := range []string{"avx512", "avx2"} {
		if SetISA(isa) != nil {
			continue
		}
		for _, f := range []namedMinifloat{ieeeOf(5, 2), ieeeOf(8, 7)} {
			for _, c := range []roundingCase{{NearestEven, 0}, {Stochastic, 16}} {
				name := fmt.Sprintf("%s/%s/rounding=%d/", isa, f.name, c.r)
				run(name+"copy", func(lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
				run(name+"values", func(lo, hi int) {
					RoundMinifloat(dst[lo:hi], src[lo:hi], f.Minifloat, c.r, Random{Start: lo, Bits: c.bits})
				})
				run(name+"codes", func(lo, hi int) {
					MinifloatCodes(codes[lo:hi], src[lo:hi], f.Minifloat, c.r, Random{Start: lo, Bits: c.bits})
				})
			}
		}
	}
}
