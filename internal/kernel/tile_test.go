package kernel

import (
	"testing"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

// BenchmarkTile is a tile whose operands lie in the first-level cache: the peak that products can reach.
func BenchmarkTile(b *testing.B) {
	const terms = 128
	run := func(name string, kernel tileKernel, element int) {
		b.Run(name, func(b *testing.B) {
			width := kernel.segments * kernel.lanes
			source, weights, out := make([]float64, terms*width), make([]float64, terms*kernel.rows), make([]float64, kernel.rows*width)
			offsets := make([]int32, terms)
			for i := range offsets {
				offsets[i] = int32(i * width)
			}
			t := tileArgs{weights: unsafe.Pointer(&weights[0]), offsets: unsafe.Pointer(&offsets[0]), terms: terms}
			for s := range kernel.segments {
				t.bases[s] = unsafe.Add(unsafe.Pointer(&source[0]), s*kernel.lanes*element)
				t.outputs[s] = unsafe.Add(unsafe.Pointer(&out[0]), s*kernel.lanes*element)
				t.pitches[s] = width * element
			}
			kerneltest.PerUnit(b, "flop", float64(2*terms*width*kernel.rows), func() {
				t.blocks = 1
				kernel.run(&t)
			})
		})
	}
	run("float32x16", float32Tile(16), 4)
	run("float32x8", float32Tile(8), 4)
	run("float64", float64Tile(), 8)
}
