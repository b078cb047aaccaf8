package kernel

import (
	"math"
	"unsafe"
)

// MaxAbs returns the largest finite magnitude of src, 0 if there is none.
func MaxAbs(src []float32) float32 {
	args := maxAbsArgs{src: unsafe.Pointer(unsafe.SliceData(src)), n: len(src)}
	if maxAbsKernel(&args) {
		return math.Float32frombits(uint32(args.result))
	}
	return maxAbsGo(src)
}

// maxAbsArgs are the arguments of the kernels of MaxAbs.
type maxAbsArgs struct {
	src    unsafe.Pointer
	n      int
	result uint64 // the bits of a float32
}

func maxAbsGo(src []float32) float32 {
	const infinity = 0x7f800000
	var largest uint32
	for _, x := range src {
		// Magnitudes compare as their bit patterns do.
		if magnitude := math.Float32bits(x) &^ (1 << 31); magnitude < infinity {
			largest = max(largest, magnitude)
		}
	}
	return math.Float32frombits(largest)
}
