package kernel

import "unsafe"

// ColumnSums sets dst[j] to the sum of column j of the matrix x, row-major with as many columns as dst has elements: in
// float64, rows in ascending order from +0, one rounding to the element type at the end.
func ColumnSums[T Float](dst, x []T) {
	columns := len(dst)
	if columns == 0 || len(x)%columns != 0 {
		panic(badLength)
	}
	if len(x) == 0 {
		clear(dst)
		return
	}
	args := columnArgs{dst: address(dst), x: address(x), n: columns, rows: len(x) / columns, pitch: columns * size[T]()}
	if size[T]() == 4 && columnKernel(&args) {
		return
	}
	for j := range dst {
		sum := 0.0
		for place := j; place < len(x); place += columns {
			sum += float64(x[place])
		}
		dst[j] = T(sum)
	}
}

// columnArgs are the arguments of the kernel of sums over float32; rows and n are at least 1.
type columnArgs struct {
	dst, x  unsafe.Pointer
	n, rows int
	pitch   int // bytes from a row to the next
}
