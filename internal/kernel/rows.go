package kernel

import "unsafe"

// rowArgs are the arguments of kernels that move rows of elements, from one type to another:
//
//	move       dst[j] = src[j]
//	split      dst[j] = src[2j], dst2[j] = src[2j+1]
//	join       dst[2j] = src[j], dst[2j+1] = src2[j]
//	transpose  dst[j][i] = src[i][j] for 8 rows i
//
// A row is whole steps, then a rest under masks: of the first and second vector that are read, and of those that are
// written. transpose has no rest. Every field has 8 bytes.
type rowArgs struct {
	dst, dst2, src, src2 unsafe.Pointer
	rows, vectors        int
	rest                 int // not 0 if there is one
	dstPitch, srcPitch   int // bytes
	masks                [4]uint64
}

// mask is that of n lanes.
func mask(n int) uint64 { return 1<<max(n, 0) - 1 }

func address[E any](s []E) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

// moveRows copies rows of so many columns, each element rounded to the type of dst. Pitches are elements from a row to
// the next.
func moveRows[E, T Float](dst []E, dstPitch int, src []T, srcPitch, rows, columns int) {
	if rows <= 0 || columns <= 0 {
		return
	}
	step := 8 // the lanes of float64
	if size[E]()+size[T]() == 8 {
		step = 16
	}
	rest := columns % step
	args := rowArgs{
		dst: address(dst), src: address(src), rows: rows, vectors: columns / step, rest: rest,
		dstPitch: dstPitch * size[E](), srcPitch: srcPitch * size[T](), masks: [4]uint64{mask(rest), 0, mask(rest)},
	}
	if moveKernel(&args, size[T](), size[E]()) {
		return
	}
	for i := range rows {
		convert(dst[i*dstPitch:][:columns], src[i*srcPitch:][:columns])
	}
}

// splitRows copies the even columns of rows to rows of even and the odd columns to rows of odd.
func splitRows[E, T Float](even, odd []E, dstPitch int, src []T, srcPitch, rows, columns int) {
	if rows <= 0 || columns <= 0 {
		return
	}
	step := 16
	if size[E]() == 4 {
		step = 32
	}
	rest := columns % step
	args := rowArgs{
		dst: address(even), dst2: address(odd), src: address(src), rows: rows, vectors: columns / step, rest: rest,
		dstPitch: dstPitch * size[E](), srcPitch: srcPitch * size[T](),
		masks: [4]uint64{mask(min(rest, 16)), mask(rest - 16), mask((rest + 1) / 2), mask(rest / 2)},
	}
	if splitKernel(&args, size[T](), size[E]()) {
		return
	}
	for i := range rows {
		for j, x := range src[i*srcPitch:][:columns] {
			if j%2 == 0 {
				even[i*dstPitch+j/2] = E(x)
			} else {
				odd[i*dstPitch+j/2] = E(x)
			}
		}
	}
}

// joinRows is the inverse of splitRows.
func joinRows[E, T Float](dst []E, dstPitch int, even, odd []T, srcPitch, rows, columns int) {
	if rows <= 0 || columns <= 0 {
		return
	}
	step := 16
	if size[T]() == 4 {
		step = 32
	}
	rest := columns % step
	args := rowArgs{
		dst: address(dst), src: address(even), src2: address(odd), rows: rows, vectors: columns / step, rest: rest,
		dstPitch: dstPitch * size[E](), srcPitch: srcPitch * size[T](),
		masks: [4]uint64{mask((rest + 1) / 2), mask(rest / 2), mask(min(rest, 16)), mask(rest - 16)},
	}
	if joinKernel(&args, size[T](), size[E]()) {
		return
	}
	for i := range rows {
		to := dst[i*dstPitch:][:columns]
		for j := range to {
			if j%2 == 0 {
				to[j] = E(even[i*srcPitch+j/2])
			} else {
				to[j] = E(odd[i*srcPitch+j/2])
			}
		}
	}
}

// Transpose sets dst[j·dstPitch + i] to src[i·srcPitch + j] for i < rows and j < columns, rounded to the type of dst.
func Transpose[E, T Float](dst []E, dstPitch int, src []T, srcPitch, rows, columns int) {
	if rows <= 0 || columns <= 0 {
		return
	}
	step := 64 / size[T]()
	blocks := columns / step
	first := 0 // row that is not transposed yet
	if blocks > 0 {
		for ; first < rows && rows >= 8; first += 8 {
			first = min(first, rows-8) // the last ones may be transposed twice
			args := rowArgs{
				dst: address(dst[first:]), src: address(src[first*srcPitch:]), vectors: blocks,
				dstPitch: dstPitch * size[E](), srcPitch: srcPitch * size[T](),
			}
			if !transposeKernel(&args, size[T](), size[E]()) {
				break
			}
			if done := blocks * step; done < columns {
				transposePlain(dst[done*dstPitch+first:], dstPitch, src[first*srcPitch+done:], srcPitch, 8, columns-done)
			}
		}
	}
	if first < rows {
		transposePlain(dst[first:], dstPitch, src[first*srcPitch:], srcPitch, rows-first, columns)
	}
}

func transposePlain[E, T Float](dst []E, dstPitch int, src []T, srcPitch, rows, columns int) {
	for i := range rows {
		to := dst[i:]
		for j, x := range src[i*srcPitch:][:columns] {
			to[j*dstPitch] = E(x)
		}
	}
}

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
