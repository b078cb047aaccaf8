package kernel

import "unsafe"

// A product of two float32 matrices need not pack them where there are kernels that read them where they lie: they compute
//
//	c[r][j] = Σ over l  a[r·aRow + l·aTerm] · b[l·bTerm + j]
//
// for up to matrixRows rows r and matrixColumns columns j at once, in ascending l from +0, one FMA each, which is a
// Sequence. Their twin is the tile kernel on packed factors.
const (
	matrixRows    = 13
	matrixColumns = 32
)

// matrixArgs are the arguments of these kernels. Every field has 8 bytes; distances are bytes.
type matrixArgs struct {
	a, b, c     unsafe.Pointer
	aRow, aTerm int
	bTerm, cRow int
	terms       int // at least 1
	start       int // startZero or startAdd
}

// matrixProduct is a product of matrices in place: c is (m, n), a gives (m, k) and b (k, n), which comes by columns, with
// distances in elements.
type matrixProduct struct {
	c           []float32
	a           []float32
	m, n, k     int
	aRow, aTerm int
	bTerm       int
	start       int
	args        matrixArgs
	scratch     [matrixRows * matrixColumns]float32
}

// columns computes up to matrixColumns columns of c, from the one given on, with b's elements for them from b on: as many
// as there are kernels for, which may be more than c has.
func (p *matrixProduct) columns(column int, b []float32) {
	t := &p.args
	t.aRow, t.aTerm, t.bTerm, t.terms = 4*p.aRow, 4*p.aTerm, 4*p.bTerm, p.k
	columns := min(matrixColumns, p.n-column)
	panels := (p.m + matrixRows - 1) / matrixRows
	for panel := range panels {
		row, end := p.m*panel/panels, p.m*(panel+1)/panels
		t.a, t.b = unsafe.Pointer(&p.a[row*p.aRow]), unsafe.Pointer(unsafe.SliceData(b))
		if columns == matrixColumns {
			t.c, t.cRow, t.start = unsafe.Pointer(&p.c[row*p.n+column]), 4*p.n, p.start
			matrixKernel(end-row, t)
			continue
		}
		t.c, t.cRow, t.start = unsafe.Pointer(&p.scratch), 4*matrixColumns, startZero
		matrixKernel(end-row, t)
		for i := range end - row {
			to, from := p.c[(row+i)*p.n+column:][:columns], p.scratch[i*matrixColumns:][:columns]
			if p.start == startZero {
				copy(to, from)
			} else {
				Add(to, to, from)
			}
		}
	}
	*t = matrixArgs{}
}
