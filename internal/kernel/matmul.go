package kernel

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// MatMul computes the product of two matrices,
//
//	c[i,j] = Σ over l  op(a)[i,l] · op(b)[l,j]
//
// where c is (m, n), op(a) is (m, k) and op(b) is (k, n), all row-major; a is stored as (k, m) if transA and b as (n, k)
// if transB. Terms are taken in ascending l. block is the number of terms of a block of a Blockwise sum (the last block
// may be shorter) and is not used otherwise.
func MatMul[T Float](c, a, b []T, m, n, k int, transA, transB bool, sum Sum, block int, threads int) {
	if m < 0 || n < 0 || k < 0 || len(c) != m*n || len(a) != m*k || len(b) != k*n {
		panic(badLength)
	}
	if sum == Blockwise && block <= 0 {
		panic(badBlock)
	}
	if m == 0 || n == 0 || k == 0 {
		clear(c)
		return
	}
	if sum != Blockwise {
		block = 0
	}
	p := product[T]{c: c, a: a, b: b, m: m, n: n, k: k, transA: transA, transB: transB, block: block}
	if sum == Whole && size[T]() == 4 {
		multiply[T, float64](p, threads)
		return
	}
	multiply[T, T](p, threads)
}

// product is the task of MatMul; block is 0 unless the sum is Blockwise.
type product[T Float] struct {
	c, a, b        []T
	m, n, k        int
	transA, transB bool
	block          int
}

// panelTerms is about how many terms of op(b) are packed at a time: a panel of them stays in the second-level cache.
const panelTerms = 512

// multiply is MatMul on elements of T by arithmetic in E.
func multiply[T, E Float](p product[T], threads int) {
	kernel := tileFor[E](p.n)
	width := kernel.segments * kernel.lanes
	terms := panelTerms
	if p.block > 0 {
		terms = max(panelTerms/p.block, 1) * p.block // whole blocks
	}
	terms = min(terms, p.k)
	shared := getWorkspace[E]()
	defer shared.release()
	panels := (p.m + kernel.rows - 1) / kernel.rows
	weights := grow(&shared.weights, panels*kernel.rows*p.k)
	parallel.For(panels, 1, threads, func(lo, hi int) {
		for panel := lo; panel < hi; panel++ {
			packLeft(weights[panel*kernel.rows*p.k:(panel+1)*kernel.rows*p.k], p, panel*kernel.rows, kernel.rows)
		}
	})
	offsets := grow(&shared.offsets, terms)
	for l := range offsets {
		offsets[l] = int32(l * width)
	}
	// Items are pieces of columns by pieces of rows, so many that threads get about the same.
	columns, pieces := (p.n+width-1)/width, 1
	if threads > 1 {
		pieces = min((4*threads+columns-1)/columns, panels)
	}
	parallel.Share(columns*pieces, 1, threads, func(w *parallel.Work) {
		local := getWorkspace[E]()
		defer local.release()
		packed := grow(&local.source, terms*width)
		packedColumn := -1
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			for item := lo; item < hi; item++ {
				column, piece := item/pieces, item%pieces
				j := multiplyItem[T, E]{p, kernel, weights, offsets, column * width, panels * piece / pieces, panels * (piece + 1) / pieces}
				j.run(local, packed, column == packedColumn && terms == p.k)
				packedColumn = column
			}
		}
	})
}

// multiplyItem is the product of some panels of op(a) and one of op(b), from column on.
type multiplyItem[T, E Float] struct {
	p                product[T]
	kernel           tileKernel
	weights          []E
	offsets          []int32
	column           int
	panelLo, panelHi int
}

func (j *multiplyItem[T, E]) run(local *workspace[E], packed []E, isPacked bool) {
	p, rows := &j.p, j.kernel.rows
	width := j.kernel.segments * j.kernel.lanes
	bytes := size[E]()
	terms, valid := len(j.offsets), min(width, p.n-j.column)
	direct, isDirect := sameType[E](p.c)
	isDirect = isDirect && valid == width
	result := grow(&local.result, (j.panelHi-j.panelLo)*rows*width)
	t := &local.tile
	t.offsets = unsafe.Pointer(unsafe.SliceData(j.offsets))
	for first := 0; first < p.k; first += terms {
		count := min(terms, p.k-first)
		if !isPacked {
			packRight(packed, *p, j.column, width, first, count)
		}
		for panel := j.panelLo; panel < j.panelHi; panel++ {
			row := panel * rows
			inPlace := isDirect && row+rows <= p.m
			place, pitch := result[(panel-j.panelLo)*rows*width:], width
			if inPlace {
				place, pitch = direct[row*p.n+j.column:], p.n
			}
			for s := range j.kernel.segments {
				t.outputs[s], t.pitches[s] = unsafe.Pointer(&place[s*j.kernel.lanes]), pitch*bytes
			}
			if p.block > 0 && first == 0 {
				for r := range rows {
					clear(place[r*pitch : r*pitch+width])
				}
			}
			j.tile(t, packed, row, first, count)
			if last := first+count == p.k; last && !inPlace {
				for r := range min(rows, p.m-row) {
					convert(p.c[(row+r)*p.n+j.column:][:valid], place[r*width:r*width+valid])
				}
			}
		}
	}
}

// tile runs the kernel over the terms first to first+count, whose right factors are packed.
func (j *multiplyItem[T, E]) tile(t *tileArgs, packed []E, row, first, count int) {
	width, block := j.kernel.segments*j.kernel.lanes, j.p.block
	run := func(from, blocks, terms, start int) {
		t.weights = unsafe.Pointer(&j.weights[row*j.p.k+(first+from)*j.kernel.rows])
		for s := range j.kernel.segments {
			t.bases[s] = unsafe.Pointer(&packed[from*width+s*j.kernel.lanes])
		}
		t.blocks, t.terms, t.start = blocks, terms, start
		j.kernel.run(t)
	}
	switch {
	case block > 0:
		if blocks := count / block; blocks > 0 {
			run(0, blocks, block, startAdd)
		}
		if rest := count % block; rest > 0 {
			run(count-rest, 1, rest, startAdd)
		}
	case first == 0:
		run(0, 1, count, startZero)
	default:
		run(0, 1, count, startContinue)
	}
}

// packLeft packs some rows of op(a): all terms of them, rows side by side, zeros after the last one.
func packLeft[T, E Float](dst []E, p product[T], row, rows int) {
	if p.k == 0 {
		return
	}
	valid := min(rows, p.m-row)
	if valid < rows {
		clear(dst)
	}
	if !p.transA {
		Transpose(dst, rows, p.a[row*p.k:], p.k, valid, p.k)
		return
	}
	moveRows(dst, rows, p.a[row:], p.m, p.k, valid)
}

// packRight packs so many columns of the terms first to first+count of op(b), zeros after the last one.
func packRight[T, E Float](dst []E, p product[T], column, width, first, count int) {
	if count == 0 {
		return
	}
	valid := min(width, p.n-column)
	if valid < width {
		clear(dst[:count*width])
	}
	if p.transB {
		Transpose(dst, width, p.b[column*p.k+first:], p.k, valid, count)
		return
	}
	moveRows(dst, width, p.b[first*p.n+column:], p.n, count, valid)
}
