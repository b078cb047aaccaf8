package number

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
)

// smallTensors are those of which a training step quantizes thousands: what each costs should be what its elements cost.
var smallTensors = []struct {
	name  string
	shape []int
	part  Part
	axis  int
}{
	{"50x128", []int{50, 128}, Part{}, 1},
	{"25x128of50x128", []int{25, 128}, Part{Start: 25 * 128, Shape: []int{50, 128}}, 1},
	{"128x512", []int{128, 512}, Part{}, 1},
	{"16x16x3x3", []int{16, 16, 3, 3}, Part{}, 0},
	{"1x16x32x32of128", []int{1, 16, 32, 32}, Part{Start: 3 * 16 * 32 * 32, Shape: []int{128, 16, 32, 32}}, 1},
	{"128", []int{128}, Part{}, 0},
}

// smallFormats are those of the shipped policies, one per kind and block, and some that users choose.
var smallFormats = []string{
	"bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,sr,sat", "bfp:w8e8,block=sample,rne,sat", "bfp:w8e8,block=channel,rne,sat",
	"bfp:w8e8,block=sample,sr,sym+qpytorch", "bfp:w8e8,block=channel,sr,sym+qpytorch", "bfp:w8e8,block=row,sr,sym+qpytorch",
	"bfp:w8e8,block=1,sr,sym+qpytorch", "bfp:w8e8,sr,sym+qpytorch",
	"fixed:w8f6,sr,sat", "fixed:w16f13,sr,sat", "int:w8,scale=0.037,sr,sat", "int:w8,scale=max,rne,sat",
	"float:e5m2ieee,sr,sat", "mx:e4m3,scale=floor,rne,sat", "mx:int8,scale=floor,sr,sat",
}

func normal(n int) []float32 {
	random := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	return x
}

// processorTime is the time in nanoseconds that this process has computed: other processes do not disturb it much.
func processorTime() int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return usage.Utime.Nano()
}

// BenchmarkSmall reports how many times as much an element of a small tensor costs as one of a tensor of 4M elements.
func BenchmarkSmall(b *testing.B) {
	large, dst := normal(1<<22), make([]float32, 1<<22)
	for _, format := range smallFormats {
		f := MustParse(format)
		perElement := 0.0
		for _, s := range smallTensors {
			b.Run(fmt.Sprintf("%s/%s", strings.ReplaceAll(format, "/", ""), s.name), func(b *testing.B) {
				o := Options{ChannelAxis: s.axis, Draw: Draw{Stream: NewStream(1, "benchmark")}, Threads: 1, Scales: &Scales{}}
				if perElement == 0 {
					start := processorTime()
					for range 3 {
						if _, err := Quantize(f, dst, large, []int{256, 1 << 14}, o); err != nil {
							b.Fatal(err)
						}
					}
					perElement = float64(processorTime()-start) / 3 / (1 << 22)
				}
				o.Part = s.part
				n := product(s.shape)
				b.ReportAllocs()
				start := processorTime()
				for b.Loop() {
					if _, err := Quantize(f, dst[:n], large[:n], s.shape, o); err != nil {
						b.Fatal(err)
					}
				}
				small := float64(processorTime()-start) / float64(b.N) / float64(n)
				b.ReportMetric(small, "cpu-ns/element")
				b.ReportMetric(small/perElement, "of-large")
			})
		}
	}
}
