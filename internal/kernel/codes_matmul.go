package kernel

import "unsafe"

// A codeKernel computes tiles of so many rows.
type codeKernel struct {
	rows int
	run  func(*codeTileArgs)
}

// codeKernels are those for codes of one width, the tallest tiles first. All have the same number of columns.
type codeKernels struct {
	lanes int
	tiles []codeKernel
}

// codeMatrix is a matrix as codes of 8 or 16 bits. An element of codes holds as many neighbours along a sum as fit into 32
// bits.
type codeMatrix struct {
	bits             int
	unsigned         bool // half of the range of codes is left added
	codes            []int32
	scales, inverses []float32 // 2^exponent and 2^-exponent of each row or column that is not summed over
}

// limits of exponents: products of two powers of two between them are float32 numbers.
const (
	lowestCodeExponent  = -74
	highestCodeExponent = 63
)

// together is how many codes an element holds.
func (c *codeMatrix) together() int { return 32 / c.bits }

// terms is how many elements a sum of k products takes.
func (c *codeMatrix) terms(k int) int { return (k*c.bits + 31) / 32 }

// setScales takes the exponents, one or as many as there are, and makes room for so many lanes of scales.
func (c *codeMatrix) setScales(exponents []int, n, lanes int) bool {
	if len(exponents) != 1 && len(exponents) != n {
		return false
	}
	scales, inverses := grow(&c.scales, lanes), grow(&c.inverses, n)
	for i := range n {
		e := exponents[i%len(exponents)]
		switch {
		case e < lowestCodeExponent || e > highestCodeExponent:
			return false
		case i > 0 && len(exponents) == 1:
			scales[i], inverses[i] = scales[0], inverses[0]
		default:
			scales[i], inverses[i] = power(e), power(-e)
		}
	}
	return true
}

// codeRight is the right factor of products on codes: panels of columns, all terms of each.
type codeRight struct {
	codeMatrix
	k, n        int
	kernels     codeKernels
	corrections []int32
}

// prepare is for a matrix op(b) of (k, n) with one exponent, or one for each column. It reports whether there are kernels.
func (r *codeRight) prepare(bits, k, n int, exponents []int) bool {
	var ok bool
	if r.kernels, ok = codeKernelsFor(bits); !ok {
		return false
	}
	r.bits, r.k, r.n = bits, k, n
	padded := r.panels() * r.kernels.lanes
	grow(&r.codes, padded*r.terms(k))
	grow(&r.corrections, padded)
	return r.setScales(exponents, n, padded)
}

func (r *codeRight) panels() int { return (r.n + r.kernels.lanes - 1) / r.kernels.lanes }

// codeLeft is the left factor of products on codes, and the memory that they work in.
type codeLeft struct {
	codeMatrix
	m, k        int
	pitch, step int // elements of codes from a row to the next, and from a term to the next
	sums        int // not 0 for sums of codes as int32, in place of values
	packer      codePacker
	tile        codeTileArgs
	scratch     []float32
}

// set packs op(a), which is (m, k), with one exponent or one for each row; if trans, a is stored as (k, pitch) and op(a)
// begins at one of its columns. It reports whether all values are codes.
func (l *codeLeft) set(bits int, a []float32, m, k int, trans bool, pitch, first int, exponents []int) bool {
	l.bits, l.m, l.k, l.unsigned = bits, m, k, bits == 8
	terms := l.terms(k)
	codes := grow(&l.codes, m*terms)
	if !l.setScales(exponents, m, m) {
		return false
	}
	if m == 0 || k == 0 {
		return true
	}
	if trans {
		l.pitch, l.step = 1, m
		return l.packer.interleave(&l.codeMatrix, codes, m, a[first:], pitch, k, 0, m)
	}
	l.pitch, l.step = terms, 1
	return l.packer.straight(&l.codeMatrix, codes, terms, a, 0, m, k)
}

// product sets c, which is (m, n), to the product with r.
func (l *codeLeft) product(c []float32, r *codeRight) {
	if l.k != r.k || l.bits != r.bits || len(c) != l.m*r.n {
		panic(badLength)
	}
	if l.k == 0 || r.n == 0 {
		clear(c)
		return
	}
	l.multiply(c, r)
}

// codeRowBytes is about how much of the output is computed before other rows: panels then find it and the left factor in a
// near cache.
const codeRowBytes = 1 << 17

// multiply sets c to the product.
func (l *codeLeft) multiply(c []float32, r *codeRight) {
	lanes := r.kernels.lanes
	tallest := r.kernels.tiles[0].rows
	rows := max(codeRowBytes/(4*r.n)/tallest, 1) * tallest
	grow(&l.scratch, tallest*lanes)
	l.tile = codeTileArgs{leftPitch: 4 * l.pitch, leftStep: 4 * l.step, terms: r.terms(r.k), sums: l.sums}
	for row := 0; row < l.m; row += rows {
		for first := 0; first < r.n; first += lanes {
			l.panel(c, r, first, row, min(row+rows, l.m))
		}
	}
	l.tile = codeTileArgs{} // no pointers to the caller's memory
}

// panel computes some rows of a panel of columns, of which the first has the number first.
func (l *codeLeft) panel(c []float32, r *codeRight, first, row, end int) {
	t, lanes := &l.tile, r.kernels.lanes
	t.right = unsafe.Pointer(&r.codes[first*t.terms])
	t.corrections, t.columnScales = unsafe.Pointer(&r.corrections[first]), unsafe.Pointer(&r.scales[first])
	columns := min(lanes, r.n-first)
	for _, kernel := range r.kernels.tiles {
		for end-row >= kernel.rows {
			t.left, t.rowScales = unsafe.Pointer(&l.codes[row*l.pitch]), unsafe.Pointer(&l.scales[row])
			if columns == lanes {
				t.output, t.pitch, t.count = unsafe.Pointer(&c[row*r.n+first]), 4*r.n, (end-row)/kernel.rows
				row += t.count * kernel.rows
				kernel.run(t)
				continue
			}
			t.output, t.pitch, t.count = address(l.scratch), 4*lanes, 1
			kernel.run(t)
			for i := range kernel.rows {
				copy(c[(row+i)*r.n+first:][:columns], l.scratch[i*lanes:])
			}
			row += kernel.rows
		}
	}
}
