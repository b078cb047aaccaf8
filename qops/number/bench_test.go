package number

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// benchmarkShape is the first stage of ResNet-14 at a batch of 8.
var benchmarkShape = []int{8, 16, 32, 32}

func benchmarkQuantize[T Float](b *testing.B, format string, shape []int, axis int, mask bool) {
	b.Helper()
	f := MustParse(format)
	elements, _ := elementCount(shape)
	random := rand.New(rand.NewPCG(1, 1))
	src, dst := make([]T, elements), make([]T, elements)
	for i := range src {
		src[i] = T(random.NormFloat64())
	}
	o := Options{ChannelAxis: axis, Draw: Draw{Stream: NewStream(1, "benchmark")}, Threads: 1}
	if mask {
		o.Clipped = make([]bool, elements)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Quantize(f, dst, src, shape, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(elements), "ns/element")
}

// BenchmarkQuantize compares the instruction sets: the ratio of "go" to the others is the point.
func BenchmarkQuantize(b *testing.B) {
	best := isa.Name()
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) != nil {
			continue
		}
		for _, format := range []string{
			"fixed:w8f4,rne,sat", "fixed:w8f4,sr,sat", "bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=sample,rne,sym+qpytorch", "bfp:w8e8,block=sample,sr,sym+qpytorch", "int:w8,scale=0.037,rne,sat", "int:w8,scale=max,sr,sat", "int:w8,scale=max,zero=auto,rne,sat", "fixed:w8f4,rna,wrap",
			"float:e5m2ieee,rne,sat", "float:e5m2ieee,sr,sat", "mx:e4m3,scale=floor,rne,sat", "mx:int8,scale=floor,sr,sat", "nv:e2m1,rne,sat",
		} {
			b.Run(fmt.Sprintf("%s/%s", set, format), func(b *testing.B) { benchmarkQuantize[float32](b, format, benchmarkShape, 1, false) })
		}
		b.Run(set+"/weights", func(b *testing.B) {
			benchmarkQuantize[float32](b, "bfp:w8e8,block=channel,sr,sat", []int{64, 64, 3, 3}, 0, false)
		})
		b.Run(set+"/mask", func(b *testing.B) {
			benchmarkQuantize[float32](b, "bfp:w8e8,block=sample,sr,sat", benchmarkShape, 0, true)
		})
		b.Run(set+"/columns", func(b *testing.B) {
			benchmarkQuantize[float32](b, "bfp:w8e8,block=channel,sr,sat", []int{256, 512}, 1, false)
		})
		b.Run(set+"/float64", func(b *testing.B) {
			benchmarkQuantize[float64](b, "int:w8,scale=0.037,sr,sat", []int{1 << 16}, 0, false)
		})
	}
	if err := isa.Use(best); err != nil {
		b.Fatal(err)
	}
}
