package levels

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// BenchmarkOptimal finds 16 points of normal float32 values, with and without the sort, at sizes that show its growth.
func BenchmarkOptimal(b *testing.B) {
	for _, n := range []int{1 << 16, 1 << 20, 1 << 24} {
		random := rand.New(rand.NewPCG(1, 2))
		x := make([]float32, n)
		for k := range x {
			x[k] = float32(random.NormFloat64())
		}
		sorted := Sorted(x, runtime.GOMAXPROCS(0))
		for _, c := range []struct {
			name string
			run  func() error
		}{
			{"sort", func() error { Sorted(x, runtime.GOMAXPROCS(0)); return nil }},
			{"exact", func() error { _, err := Optimal(sorted, 16, runtime.GOMAXPROCS(0)); return err }},
			{"approximate", func() error { _, _, err := Approximate(sorted, 16, 1024, runtime.GOMAXPROCS(0)); return err }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.run(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/value")
			})
		}
	}
}
