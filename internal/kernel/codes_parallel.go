package kernel

import (
	"sync"
	"sync/atomic"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// MatMulInt8 is MatMul on values that are codes of 8 bits times 2^aExponents, one or one for each row of op(a), and
// 2^bExponents, one or one for each column of op(b). It reports whether it did the work, see RightCodes.
func MatMulInt8(c, a, b []float32, m, n, k int, transA, transB bool, aExponents, bExponents []int, threads int) bool {
	return k <= int8Terms && matMulCodes(8, 0, c, a, b, m, n, k, transA, transB, aExponents, bExponents, threads)
}

// MatMulSums is MatMul on codes of 8 or 16 bits, with sums in arithmetic modulo 2^32. It reports whether it did the work,
// see RightCodes.
func MatMulSums(bits int, sums []int32, a, b []float32, m, n, k int, transA, transB bool, threads int) bool {
	return hasCodes(bits, k) && matMulCodes(bits, 1, floatsOf(sums), a, b, m, n, k, transA, transB, noExponent, noExponent, threads)
}

var noExponent = []int{0}

func matMulCodes(bits, sums int, c, a, b []float32, m, n, k int, transA, transB bool, aExponents, bExponents []int, threads int) bool {
	if m < 0 || n < 0 || k < 0 || len(c) != m*n || len(a) != m*k || len(b) != k*n {
		panic(badLength)
	}
	p := codeProducts.Get().(*codeProduct)
	defer p.release()
	if len(aExponents) != 1 && len(aExponents) != m || !p.right.prepare(bits, k, n, bExponents) {
		return false
	}
	if k == 0 {
		clear(c)
		return true
	}
	p.c, p.a, p.b, p.m, p.transA, p.transB, p.exponents = c, a, b, m, transA, transB, aExponents
	p.sums = sums
	p.bad.Store(false)
	parallel.For(p.right.panels(), 1, threads, p.packPart)
	if !p.bad.Load() {
		parallel.For(m, p.right.kernels.tiles[0].rows, threads, p.runPart)
	}
	return !p.bad.Load()
}

// codeProduct is the task of a product of matrices on codes. It is kept between calls, so that they do not allocate.
type codeProduct struct {
	c, a, b           []float32
	m                 int
	transA, transB    bool
	exponents         []int // of a
	sums              int
	right             codeRight
	bad               atomic.Bool
	packPart, runPart func(lo, hi int)
}

var (
	codeProducts = sync.Pool{New: func() any {
		p := &codeProduct{}
		p.packPart, p.runPart = p.pack, p.run
		return p
	}}
	codeLefts = sync.Pool{New: func() any { return new(codeLeft) }}
)

func (p *codeProduct) release() {
	p.c, p.a, p.b, p.exponents = nil, nil, nil, nil
	codeProducts.Put(p)
}

// pack packs some panels of the right factor.
func (p *codeProduct) pack(lo, hi int) {
	l := codeLefts.Get().(*codeLeft)
	defer codeLefts.Put(l)
	if !l.packer.right(&p.right, p.b, p.transB, lo, hi) {
		p.bad.Store(true)
	}
	l.packer.release()
}

// run computes some rows.
func (p *codeProduct) run(lo, hi int) {
	l := codeLefts.Get().(*codeLeft)
	defer codeLefts.Put(l)
	k, exponents := p.right.k, p.exponents
	if len(exponents) > 1 {
		exponents = exponents[lo:hi]
	}
	a, pitch := p.a, p.m
	if !p.transA {
		a, pitch = a[lo*k:hi*k], k
	}
	ok := l.set(p.right.bits, a, hi-lo, k, p.transA, pitch, lo, exponents)
	l.packer.release()
	if !ok {
		p.bad.Store(true)
		return
	}
	l.sums = p.sums
	l.product(p.c[lo*p.right.n:hi*p.right.n], &p.right)
}

// Narrow sets dst to src, each element rounded to float32.
func Narrow(dst []float32, src []float64) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	moveRows(dst, len(dst), src, len(src), 1, len(src))
}
