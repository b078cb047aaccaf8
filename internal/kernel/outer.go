package kernel

import "unsafe"

// outerArgs are the arguments of an outer-product kernel, which adds to a rectangle of rows × lanes outputs their sums
// over the positions of a plane:
//
//	output[r][i] += Σ over the positions l  rows[r][l] · vectors[l·lanes + i]
//
// in row-major order of the positions, one FMA each from +0, then one addition. Every field has 8 bytes.
type outerArgs struct {
	rows           [8]unsafe.Pointer // each row's scalar at the first position
	vectors        unsafe.Pointer
	output         unsafe.Pointer
	pitch          int // bytes from a row of outputs to the next
	lines, columns int // of the plane, at least 1; the kernel counts lines down
	step           int // bytes from a scalar to that of the next column
	skip           int // bytes from the scalar after a line's last column to that of the next line's first
}

// outerKernel is an implementation for rectangles of one shape.
type outerKernel struct {
	rows, lanes int
	run         func(*outerArgs)
}

// outerGo is the plain form of all outer-product kernels.
func outerGo[T Float](t *outerArgs, rows, lanes int) {
	vectors := unsafe.Slice((*T)(t.vectors), t.lines*t.columns*lanes)
	var sums [maxLanes]T
	for r := range rows {
		sum := sums[:lanes]
		clear(sum)
		for line := range t.lines {
			for column := range t.columns {
				position := line*t.columns + column
				at := position*t.step + line*t.skip
				fmaRow(sum, vectors[position*lanes:(position+1)*lanes], *(*T)(unsafe.Add(t.rows[r], at)))
			}
		}
		out := unsafe.Slice((*T)(unsafe.Add(t.output, r*t.pitch)), lanes)
		for i, x := range sum {
			out[i] += x
		}
	}
	t.lines = 0
}
