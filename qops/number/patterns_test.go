package number

import (
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// patternFormats are compared with the scalar reference over bit patterns of float32; all 2^32 in the long tests.
var patternFormats = []string{
	"fixed:w8f4,rne,sat", "fixed:w8f4,sr,sat", "fixed:w16f10,floor,sym",
	"int:w8,scale=0.037,rne,sat", "int:w8,scale=0.037,sr,sat",
	"float:e5m2ieee,rne,inf", "float:e4m3fn,rne,sat", "float:e4m3fn,sr,sat", "float:e2m1fn,floor,sat",
	"float:e5m10ieee,rne,inf", "float:e8m7ieee,rne,inf",
	"mx:e4m3,scale=floor,rne,sat",
}

// everyISA runs a test with each instruction set that this machine has.
func everyISA(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) == nil {
			t.Run(set, test)
		}
	}
}

// TestPatternsSampled takes patterns from the whole space of float32 at an odd distance.
func TestPatternsSampled(t *testing.T) {
	everyISA(t, func(t *testing.T) {
		for _, format := range patternFormats {
			comparePatterns(t, format, 1<<16, 65521)
		}
	})
}

// comparePatterns compares Quantize with Round on the float32 numbers with the bit patterns 0, stride, 2*stride, ...
func comparePatterns(t *testing.T, format string, count int, stride uint32) {
	t.Helper()
	const length = 1 << 16
	f := MustParse(format)
	draw := Draw{Stream: NewStream(3, format)}
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() {
			src, dst, random := make([]float32, length), make([]float32, length), make([]uint16, length)
			for start := w * length; start < count; start += workers * length {
				n := min(length, count-start)
				for i := range n {
					src[i] = math.Float32frombits(uint32(start+i) * stride)
				}
				d := draw
				d.Execution = uint32(start / length)
				var scales Scales
				if _, err := Quantize(f, dst[:n], src[:n], []int{n}, Options{Draw: d, Threads: 1, Scales: &scales}); err != nil {
					t.Error(err)
					return
				}
				philox.Bits(random, d.kernel(), philox.Order{}, 0) // TestKernelsDrawTheStream compares these with Draw.Bits
				var c cell
				for i, x := range src[:n] {
					if i == 0 || i%mxLength == 0 && scales.Blocks.Count > 1 {
						c = cellOf(f, &scales, scales.Blocks.Of(i))
					}
					p, _ := c.round(float64(x), uint32(random[i]))
					if want := cellValue[float32](&c, p); !same(float64(want), float64(dst[i])) {
						t.Errorf("%s of %v (%#08x): want %v, got %v", format, x, math.Float32bits(x), want, dst[i])
						return
					}
				}
			}
		})
	}
	group.Wait()
}
