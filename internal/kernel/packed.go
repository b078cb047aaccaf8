package kernel

import "unsafe"

// Right is the right factor of products of matrices, packed once for many products with it. Its sums are those of
// MatMul, bit by bit.
type Right[T Float] struct {
	whole bool
	same  packedRight[T, T]
	wide  packedRight[T, float64]
}

// Pack takes op(b), which is (k, n), row-major or stored as (n, k) if trans. sum and block are those of MatMul.
func (r *Right[T]) Pack(b []T, k, n int, trans bool, sum Sum, block int) {
	if k < 0 || n < 0 || len(b) != k*n {
		panic(badLength)
	}
	if sum == Blockwise && block <= 0 {
		panic(badBlock)
	}
	if sum != Blockwise {
		block = 0
	}
	p := product[T]{b: b, n: n, k: k, transB: trans, block: block}
	r.whole = sum == Whole && size[T]() == 4
	if r.whole {
		r.wide.pack(p)
	} else {
		r.same.pack(p)
	}
}

// Left is the left factor of products of matrices, packed when a product first needs it. It holds the memory that
// products work in, so that each goroutine has its own.
type Left[T Float] struct {
	a       []T
	m, k    int
	same    packedLeft[T, T]
	wide    packedLeft[T, float64]
	inPlace matrixProduct
}

// Set makes l the matrix a of (m, k), row-major, which must not change before the last product with it.
func (l *Left[T]) Set(a []T, m, k int) {
	if m < 0 || k < 0 || len(a) != m*k {
		panic(badLength)
	}
	l.a, l.m, l.k = a, m, k
	l.same.kernel, l.wide.kernel = tileKernel{}, tileKernel{}
}

// Multiply sets c, which is (m, n), to the product of the two matrices, on the calling goroutine alone.
func (l *Left[T]) Multiply(c []T, right *Right[T]) {
	switch {
	case right.whole:
		multiplyPacked(c, l, &l.wide, &right.wide)
	case size[T]() == 4 && right.same.block == 0 && l.k > 0 && hasMatrixKernels():
		multiplyInPlace(c, l, &right.same)
	default:
		multiplyPacked(c, l, &l.same, &right.same)
	}
}

// multiplyInPlace is multiplyPacked on a left factor that is read where it lies.
func multiplyInPlace[T Float](c []T, of *Left[T], r *packedRight[T, T]) {
	if of.k != r.k || len(c) != of.m*r.n {
		panic(badLength)
	}
	p := &of.inPlace
	p.c, _ = sameType[float32](c)
	p.a, _ = sameType[float32](of.a)
	p.m, p.n, p.k = of.m, r.n, r.k
	p.aRow, p.aTerm, p.bTerm, p.start = r.k, 1, matrixColumns, startZero
	panels, _ := sameType[float32](r.panels)
	for column := 0; column < r.n; column += matrixColumns {
		p.columns(column, panels[column*r.k:])
	}
	p.c, p.a = nil, nil
}

// packedRight holds the columns of the right factor in panels as wide as a tile, all terms of each.
type packedRight[T, E Float] struct {
	k, n, block int
	kernel      tileKernel
	panels      []E
	offsets     []int32
}

func (r *packedRight[T, E]) pack(p product[T]) {
	r.k, r.n, r.block, r.kernel = p.k, p.n, p.block, tileFor[E](p.n)
	width := r.kernel.segments * r.kernel.lanes
	panels := grow(&r.panels, (p.n+width-1)/width*width*p.k)
	for column := 0; column < p.n; column += width {
		packRight(panels[column*p.k:][:width*p.k], p, column, width, 0, p.k)
	}
	offsets := grow(&r.offsets, p.k)
	for l := range offsets {
		offsets[l] = int32(l * width)
	}
}

// packedLeft holds the rows of the left factor in panels as high as a tile.
type packedLeft[T, E Float] struct {
	kernel  tileKernel // that the panels are packed for, if any
	panels  []E
	scratch []E
	tile    tileArgs
}

func (l *packedLeft[T, E]) pack(p product[T], kernel tileKernel) {
	rows := kernel.rows
	panels := grow(&l.panels, (p.m+rows-1)/rows*rows*p.k)
	for row := 0; row < p.m; row += rows {
		packLeft(panels[row*p.k:][:rows*p.k], p, row, rows)
	}
	l.kernel = kernel
}

// tileForRows returns the kernel, or one for tiles of the same columns that wastes fewer rows on so many.
func tileForRows[E Float](kernel tileKernel, rows int) tileKernel {
	padded := func(height int) int { return (rows + height - 1) / height * height }
	if taller, ok := tallerTile(kernel); ok && size[E]() == 4 && padded(taller.rows) < padded(kernel.rows) {
		return taller
	}
	return kernel
}

func multiplyPacked[T, E Float](c []T, of *Left[T], l *packedLeft[T, E], r *packedRight[T, E]) {
	if of.k != r.k || len(c) != of.m*r.n {
		panic(badLength)
	}
	if r.k == 0 {
		clear(c)
		return
	}
	kernel := tileForRows[E](r.kernel, of.m)
	rows, width := kernel.rows, kernel.segments*kernel.lanes
	if l.kernel.rows != rows {
		l.pack(product[T]{a: of.a, m: of.m, k: of.k}, kernel)
	}
	l.kernel = kernel
	direct, isDirect := sameType[E](c)
	scratch := grow(&l.scratch, rows*width)
	for column := 0; column < r.n; column += width {
		columns := min(width, r.n-column)
		for row := 0; row < of.m; row += rows {
			inPlace := isDirect && columns == width && row+rows <= of.m
			place, pitch := scratch, width
			if inPlace {
				place, pitch = direct[row*r.n+column:], r.n
			}
			l.run(place, pitch, row, column, r)
			if inPlace {
				continue
			}
			for i := range min(rows, of.m-row) {
				convert(c[(row+i)*r.n+column:][:columns], scratch[i*width:][:columns])
			}
		}
	}
}

// run computes one tile.
func (l *packedLeft[T, E]) run(place []E, pitch, row, column int, r *packedRight[T, E]) {
	if r.block == 0 {
		l.terms(place, pitch, row, column, r, 0, 1, r.k, startZero)
		return
	}
	for i := range l.kernel.rows {
		clear(place[i*pitch:][:l.kernel.segments*l.kernel.lanes])
	}
	if blocks := r.k / r.block; blocks > 0 {
		l.terms(place, pitch, row, column, r, 0, blocks, r.block, startAdd)
	}
	if rest := r.k % r.block; rest > 0 {
		l.terms(place, pitch, row, column, r, r.k-rest, 1, rest, startAdd)
	}
}

// terms runs the kernel of one tile over blocks of terms, from first on.
func (l *packedLeft[T, E]) terms(place []E, pitch, row, column int, r *packedRight[T, E], first, blocks, count, start int) {
	rows, lanes, segments := l.kernel.rows, l.kernel.lanes, l.kernel.segments
	t := &l.tile
	t.offsets = unsafe.Pointer(unsafe.SliceData(r.offsets))
	t.weights = unsafe.Pointer(&l.panels[row*r.k+first*rows])
	for s := range segments {
		t.outputs[s], t.pitches[s] = unsafe.Pointer(&place[s*lanes]), pitch*size[E]()
		t.bases[s] = unsafe.Pointer(&r.panels[column*r.k+first*segments*lanes+s*lanes])
	}
	t.blocks, t.terms, t.start = blocks, count, start
	l.kernel.run(t)
}
