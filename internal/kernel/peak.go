package kernel

import (
	"time"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// The peak of this machine: what tiles of sums of products reach whose operands lie in the first-level cache.

const (
	// peakTerms are those of a tile's sums: few enough for the cache, many enough for the stores of the results not to count.
	peakTerms = 96
	// peakCalls are those of a slice of the measurement, a millisecond or less.
	peakCalls = 200
	// peakTime is how long slices are taken, of which the fastest counts: what disturbs the machine disturbs some of them, and
	// threads that begin on one core need some hundredths of a second to be moved apart.
	peakTime = 300 * time.Millisecond
)

// PeakFloat32 measures the operations per second, two for each multiply-add, that the float32 tile kernel reaches on so many
// threads at once. It takes some tenths of a second.
func PeakFloat32(threads int) float64 {
	k := float32Tile(16)
	if taller, ok := tallerTile(k); ok {
		k = taller
	}
	width := k.segments * k.lanes
	return peak(threads, 2*peakTerms*width*k.rows, func() func() {
		source, weights, out := make([]float32, peakTerms*width), make([]float32, peakTerms*k.rows), make([]float32, k.rows*width)
		offsets := peakOffsets(width)
		t := &tileArgs{weights: unsafe.Pointer(&weights[0]), offsets: unsafe.Pointer(&offsets[0]), terms: peakTerms, blocks: 1}
		for s := range k.segments {
			t.bases[s], t.outputs[s] = unsafe.Pointer(&source[s*k.lanes]), unsafe.Pointer(&out[s*k.lanes])
			t.pitches[s] = width * 4
		}
		return func() {
			t.blocks = 1
			k.run(t)
		}
	})
}

// PeakInt8 is likewise that of products of 8-bit codes, 0 where the processor has no instruction for them.
func PeakInt8(threads int) float64 {
	if !hasInt8() {
		return 0
	}
	const quads, lanes = 2, 32
	return peak(threads, 2*4*peakTerms*4*quads*lanes, func() func() {
		source, weights, out := make([]uint8, peakTerms*16*quads), make([]int8, peakTerms*lanes*4), make([]float32, lanes*4*quads)
		corrections, scales := make([]int32, lanes), make([]float32, lanes)
		offsets, groups := peakOffsets(16*quads), []int8Group{{terms: peakTerms}}
		segments := make([]segment, quads)
		for s := range segments {
			segments[s] = segment{base: 16 * s, output: 4 * s, lanes: 4}
		}
		t := &int8TileArgs{
			source: unsafe.Pointer(&source[0]), output: unsafe.Pointer(&out[0]), segments: unsafe.Pointer(&segments[0]),
			weights: unsafe.Pointer(&weights[0]), offsets: unsafe.Pointer(&offsets[0]), groups: unsafe.Pointer(&groups[0]), groupCount: 1,
			corrections: unsafe.Pointer(&corrections[0]), scales: unsafe.Pointer(&scales[0]), pitch: 16 * quads,
		}
		return func() {
			t.count = 1
			int8Tile(t, 2, 1)
		}
	})
}

func peakOffsets(pitch int) []int32 {
	offsets := make([]int32, peakTerms)
	for i := range offsets {
		offsets[i] = int32(i * pitch)
	}
	return offsets
}

// peak measures what calls of so many operations reach; start makes one thread's call.
func peak(threads, operations int, start func() func()) float64 {
	calls := make([]func(), threads)
	for i := range calls {
		calls[i] = start()
	}
	best := time.Duration(1<<63 - 1)
	for first := time.Now(); time.Since(first) < peakTime; {
		began := time.Now()
		parallel.For(threads, 1, threads, func(lo, hi int) {
			for _, call := range calls[lo:hi] {
				for range peakCalls {
					call()
				}
			}
		})
		best = min(best, time.Since(began))
	}
	return float64(threads) * float64(operations) * peakCalls / best.Seconds()
}
