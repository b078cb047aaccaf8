package round

import (
	"math"
	"unsafe"
)

// MaxAbs returns the largest finite magnitude of src, 0 if there is none.
func MaxAbs(src []float32) float32 {
	args := searchArgs{src: unsafe.Pointer(unsafe.SliceData(src)), n: len(src)}
	if maxAbsKernel(&args) {
		return args.high
	}
	return maxAbsGo(src)
}

// MaxAbsEach widens each element of most, which are not negative, to the magnitude of the element of src if that is finite.
func MaxAbsEach(most, src []float32) {
	if len(most) != len(src) {
		panic(badLength)
	}
	args := searchArgs{src: unsafe.Pointer(unsafe.SliceData(src)), n: len(src), most: unsafe.Pointer(unsafe.SliceData(most))}
	if maxAbsEachKernel(&args) {
		return
	}
	for i := range src {
		most[i] = max(most[i], maxAbsGo(src[i:i+1]))
	}
}

// Extremes returns the smallest and the largest finite element of src, or 0 if that is beyond them.
func Extremes(src []float32) (low, high float32) {
	args := searchArgs{src: unsafe.Pointer(unsafe.SliceData(src)), n: len(src)}
	if extremesKernel(&args) {
		return args.low + 0, args.high + 0 // zeros have no sign
	}
	return extremesGo(src)
}

// searchArgs are the arguments of the kernels of MaxAbs, Extremes and MaxAbsEach.
type searchArgs struct {
	src       unsafe.Pointer
	n         int
	low, high float32        // results
	most      unsafe.Pointer // results of MaxAbsEach
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

func extremesGo(src []float32) (low, high float32) {
	for _, x := range src {
		if x > high && x <= math.MaxFloat32 {
			high = x
		} else if x < low && x >= -math.MaxFloat32 {
			low = x
		}
	}
	return low, high
}
