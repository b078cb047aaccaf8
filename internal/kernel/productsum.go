package kernel

// ProductSum is the memory of sums of products of matrices.
type ProductSum[T Float] struct {
	left    packedLeft[T, T]
	right   packedRight[T, T]
	inPlace matrixProduct
	columns []T // of a right factor that are fewer than a kernel takes, and zeros
}

// Add sets c, which is (m, n), to aᵀ·b if that is the first product, or else adds it to c with one rounding to the element
// type. a is (k, m) and b is (k, n), row-major; the product is a Sequence of its own. It runs on the calling goroutine
// alone.
func (s *ProductSum[T]) Add(c, a, b []T, m, n, k int, first bool) {
	if m <= 0 || n <= 0 || k <= 0 || len(c) != m*n || len(a) != k*m || len(b) != k*n {
		panic(badLength)
	}
	p := product[T]{c: c, a: a, b: b, m: m, n: n, k: k, transA: true}
	start := startAdd
	if first {
		start = startZero
	}
	if size[T]() == 4 && hasMatrixKernels() {
		s.addInPlace(p, start)
		return
	}
	s.right.pack(p)
	s.left.pack(p, s.right.kernel)
	s.add(c, p, start)
}

// addInPlace takes one product, whose factors are read where they lie, to c.
func (s *ProductSum[T]) addInPlace(p product[T], start int) {
	m := &s.inPlace
	m.c, _ = sameType[float32](p.c)
	m.a, _ = sameType[float32](p.a)
	m.m, m.n, m.k = p.m, p.n, p.k
	m.aRow, m.aTerm, m.start = 1, p.m, start
	b, _ := sameType[float32](p.b)
	for column := 0; column < p.n; column += matrixColumns {
		if column+matrixColumns <= p.n {
			m.bTerm = p.n
			m.columns(column, b[column:])
			continue
		}
		rest := grow(&s.columns, p.k*matrixColumns)
		packRight(rest, p, column, matrixColumns, 0, p.k)
		m.bTerm = matrixColumns
		same, _ := sameType[float32](rest)
		m.columns(column, same)
	}
	m.c, m.a = nil, nil
}

// add takes one product to c.
func (s *ProductSum[T]) add(c []T, p product[T], start int) {
	rows, width := s.left.kernel.rows, s.left.kernel.segments*s.left.kernel.lanes
	scratch := grow(&s.left.scratch, rows*width)
	for column := 0; column < p.n; column += width {
		columns := min(width, p.n-column)
		for row := 0; row < p.m; row += rows {
			if columns == width && row+rows <= p.m {
				s.left.terms(c[row*p.n+column:], p.n, row, column, &s.right, 0, 1, p.k, start)
				continue
			}
			s.left.terms(scratch, width, row, column, &s.right, 0, 1, p.k, startZero)
			for i := range min(rows, p.m-row) {
				to := c[(row+i)*p.n+column:][:columns]
				if start == startZero {
					copy(to, scratch[i*width:])
				} else {
					Add(to, to, scratch[i*width:][:columns])
				}
			}
		}
	}
}
