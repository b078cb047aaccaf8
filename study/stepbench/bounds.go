package stepbench

import (
	"time"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops"
)

// Bounds are what the machine does at most, on as many threads as a profile.
type Bounds struct {
	// Float32 and Int8 are operations per second, a multiply-add counting as two: those of the tile kernels on operands in the
	// first-level cache. Int8 is 0 where the processor has no instruction for them.
	Float32, Int8 float64
	// Memory is the bytes per second of a copy of 64 MB, read and written; Cache likewise that of a copy within a core's
	// second-level cache.
	Memory, Cache float64
}

// Sizes of the copies, in bytes: of all threads, and of each.
const (
	memoryBytes = 64 << 20
	cacheBytes  = graph.NearBytes / 2 // and as many written
)

// MeasureBounds measures the bounds on so many threads, which takes about a second.
func MeasureBounds(threads int) Bounds {
	return Bounds{
		Float32: kernel.PeakFloat32(threads),
		Int8:    kernel.PeakInt8(threads),
		Memory:  copying(threads, memoryBytes/threads, 1),
		Cache:   copying(threads, cacheBytes, 64),
	}
}

// copying is the bytes per second of threads that each copy so many bytes so many times; the fastest of several turns counts.
func copying(threads, bytes, times int) float64 {
	const turns = 12
	from, to := make([][]float32, threads), make([][]float32, threads)
	for i := range from {
		from[i], to[i] = make([]float32, bytes/4), make([]float32, bytes/4)
		for j := range from[i] {
			from[i][j] = 1 // pages that were never written to may all be one
		}
	}
	best := time.Duration(1<<63 - 1)
	for range turns {
		start := time.Now()
		parallel.For(threads, 1, threads, func(lo, hi int) {
			for range times {
				for i := lo; i < hi; i++ {
					copy(to[i], from[i])
				}
			}
		})
		best = min(best, time.Since(start))
	}
	return 2 * float64(bytes) * float64(threads) * float64(times) / best.Seconds()
}

// Names of bounds.
const (
	BoundByMemory  = "memory"
	BoundByCache   = "cache"
	BoundByFloat32 = "float32"
	BoundByFloat64 = "float64"
	BoundByInt16   = "int16"
	BoundByInt8    = "int8"
)

// operations per second of the arithmetic that the ops of a cost ran in, with its name. Vectors hold half as many float64
// numbers as float32 ones, and half as many 16-bit codes as 8-bit ones.
func (b Bounds) operations(c graph.Cost) (float64, string) {
	switch {
	case c.Arithmetic == qops.Int8:
		return b.Int8, BoundByInt8
	case c.Arithmetic == qops.Int16:
		return b.Int8 / 2, BoundByInt16
	case c.Arithmetic == qops.Float64 || c.Wide:
		return b.Float32 / 2, BoundByFloat64
	}
	return b.Float32, BoundByFloat32
}

// of returns the least seconds that work takes on all threads, and which of the bounds that is; none for no work.
func (b Bounds) of(c graph.Cost) (seconds float64, by string) {
	peak, name := b.operations(c)
	computing := c.Work.Operations / peak
	far, near := (c.Work.Bytes-c.NearBytes)/b.Memory, c.NearBytes/b.Cache
	switch {
	case computing+far+near == 0:
		return 0, ""
	case computing > far+near:
		return computing, name
	case far > near:
		return far + near, BoundByMemory
	}
	return far + near, BoundByCache
}
