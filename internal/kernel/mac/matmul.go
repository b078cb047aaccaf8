package mac

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// MatMul is kernel.MatMul with the interior of its sums as rule says. Terms are taken in ascending l.
func MatMul[E kernel.Float](c, a, b []E, m, n, k int, transA, transB bool, rule Arithmetic, threads int) {
	if m < 0 || n < 0 || k < 0 || len(c) != m*n || len(a) != m*k || len(b) != k*n {
		panic(badLength)
	}
	if m == 0 || n == 0 || k == 0 {
		clear(c)
		return
	}
	r := newRule[E](rule)
	pitch := roundedUp(k, r.order.length())
	factors := padRows(a, m, k, pitch)
	if transA {
		factors = make([]E, m*pitch)
		transposeRows(factors, a, k, m, pitch)
	}
	parallel.ForEvenly(roundedUp(m, macRows)/macRows, 1, threads, func(lo, hi int) {
		w := newMemory[E](r, 0, pitch*macLanes, pitch)
		for column := 0; column < n; column += macLanes {
			valid := min(macLanes, n-column)
			for l := range k {
				for i := range valid {
					if transB {
						w.vectors[l*macLanes+i] = b[(column+i)*k+l]
					} else {
						w.vectors[l*macLanes+i] = b[l*n+column+i]
					}
				}
				clear(w.vectors[l*macLanes+valid : (l+1)*macLanes])
			}
			for tile := lo; tile < hi; tile++ {
				first := tile * macRows
				clear(w.sums)
				w.rows(factors, pitch, first, m)
				w.args.vectors, w.args.sums = unsafe.Pointer(&w.vectors[0]), unsafe.Pointer(&w.sums[0])
				r.tile(&w.args, int(unsafe.Sizeof(E(0))), pitch)
				for i := range min(macRows, m-first) {
					copy(c[(first+i)*n+column:][:valid], w.sums[i*macLanes:])
				}
			}
		}
	})
}

// transposeRows writes the columns of src, of k rows of m, as rows of pitch elements.
func transposeRows[E kernel.Float](dst, src []E, k, m, pitch int) {
	for l := range k {
		for i := range m {
			dst[i*pitch+l] = src[l*m+i]
		}
	}
}
