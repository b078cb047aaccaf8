package kernel

import "unsafe"

// convert copies src to dst, each element rounded to the type of dst.
func convert[E, T Float](dst []E, src []T) {
	if len(src) == 0 {
		return
	}
	if same, ok := sameType[E](src); ok {
		copy(dst, same)
		return
	}
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = E(x)
	}
}

// sameType returns s as a slice of E if that is its type.
func sameType[E, T Float](s []T) ([]E, bool) {
	if unsafe.Sizeof(E(0)) != unsafe.Sizeof(T(0)) {
		return nil, false
	}
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(s))), len(s)), true
}

// transpose sets dst[j·dstPitch + i] to src[i·srcPitch + j] for i < rows and j < columns, rounded to the type of dst.
func transpose[E, T Float](dst []E, dstPitch int, src []T, srcPitch, rows, columns int) {
	for i := range rows {
		row := src[i*srcPitch : i*srcPitch+columns]
		to := dst[i:]
		for j, x := range row {
			to[j*dstPitch] = E(x)
		}
	}
}
