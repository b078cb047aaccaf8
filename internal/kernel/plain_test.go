package kernel

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// The plain forms of products and convolutions: one sum after the other, as the functions' comments define them.

// accumulator takes a sum of products term by term, as Sum says.
type accumulator[T Float] struct {
	sum          Sum
	total, block T
	exact        float64
}

func (a *accumulator[T]) add(x, y T) {
	if a.sum == Whole {
		a.exact = math.FMA(float64(x), float64(y), a.exact)
		return
	}
	if size[T]() == 4 {
		a.block = T(fma32(float32(x), float32(y), float32(a.block)))
		return
	}
	a.block = T(math.FMA(float64(x), float64(y), float64(a.block)))
}

// endBlock closes a block of a blockwise sum.
func (a *accumulator[T]) endBlock() {
	if a.sum == Blockwise {
		a.total += a.block
		a.block = 0
	}
}

func (a *accumulator[T]) result() T {
	switch a.sum {
	case Whole:
		return T(a.exact)
	case Blockwise:
		return a.total
	}
	return a.block
}

func plainConvForward[T Float](p Conv, y, x, w []T, sum Sum, threads int) {
	p.Check(len(x), len(w), len(y))
	oh, ow := p.OH(), p.OW()
	parallel.For(p.N*p.OC, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n, o := i/p.OC, i%p.OC
			for r := range oh {
				for s := range ow {
					acc := accumulator[T]{sum: sum}
					for c := range p.C {
						for kh := range p.KH {
							for kw := range p.KW {
								h, v := r*p.StrideH-p.PadTop+kh*p.DilationH, s*p.StrideW-p.PadLeft+kw*p.DilationW
								var xv T
								if h >= 0 && h < p.H && v >= 0 && v < p.W {
									xv = x[((n*p.C+c)*p.H+h)*p.W+v]
								}
								acc.add(xv, w[((o*p.C+c)*p.KH+kh)*p.KW+kw])
							}
						}
						acc.endBlock()
					}
					y[(i*oh+r)*ow+s] = acc.result()
				}
			}
		}
	})
}

func plainConvBackwardData[T Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	p.Check(len(dx), len(w), len(dy))
	oh, ow := p.OH(), p.OW()
	parallel.For(p.N*p.C, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n, c := i/p.C, i%p.C
			for h := range p.H {
				for v := range p.W {
					acc := accumulator[T]{sum: sum}
					for o := range p.OC {
						for kh := range p.KH {
							for kw := range p.KW {
								r, s := h+p.PadTop-kh*p.DilationH, v+p.PadLeft-kw*p.DilationW
								if r%p.StrideH != 0 || s%p.StrideW != 0 {
									continue
								}
								r, s = r/p.StrideH, s/p.StrideW
								var g T
								if r >= 0 && r < oh && s >= 0 && s < ow {
									g = dy[((n*p.OC+o)*oh+r)*ow+s]
								}
								acc.add(g, w[((o*p.C+c)*p.KH+kh)*p.KW+kw])
							}
						}
						acc.endBlock()
					}
					dx[(i*p.H+h)*p.W+v] = acc.result()
				}
			}
		}
	})
}

func plainConvBackwardWeight[T Float](p Conv, dw, x, dy []T, sum Sum, threads int) {
	p.Check(len(x), len(dw), len(dy))
	if sum == Sequence {
		sum = Blockwise
	}
	oh, ow := p.OH(), p.OW()
	parallel.For(p.OC*p.C, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			o, c := i/p.C, i%p.C
			for kh := range p.KH {
				for kw := range p.KW {
					acc := accumulator[T]{sum: sum}
					for n := range p.N {
						for r := range oh {
							for s := range ow {
								h, v := r*p.StrideH-p.PadTop+kh*p.DilationH, s*p.StrideW-p.PadLeft+kw*p.DilationW
								var xv T
								if h >= 0 && h < p.H && v >= 0 && v < p.W {
									xv = x[((n*p.C+c)*p.H+h)*p.W+v]
								}
								acc.add(dy[((n*p.OC+o)*oh+r)*ow+s], xv)
							}
						}
						acc.endBlock()
					}
					dw[(i*p.KH+kh)*p.KW+kw] = acc.result()
				}
			}
		}
	})
}

func plainMatMul[T Float](c, a, b []T, m, n, k int, transA, transB bool, sum Sum, block int, threads int) {
	if m < 0 || n < 0 || k < 0 || len(c) != m*n || len(a) != m*k || len(b) != k*n {
		panic(badLength)
	}
	if sum == Blockwise && block <= 0 {
		panic(badBlock)
	}
	ai, al, bl, bj := k, 1, n, 1
	if transA {
		ai, al = 1, m
	}
	if transB {
		bl, bj = 1, k
	}
	parallel.For(m, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range n {
				acc := accumulator[T]{sum: sum}
				for l := range k {
					acc.add(a[i*ai+l*al], b[l*bl+j*bj])
					if sum == Blockwise && (l+1)%block == 0 {
						acc.endBlock()
					}
				}
				if sum == Blockwise && k%block != 0 {
					acc.endBlock()
				}
				c[i*n+j] = acc.result()
			}
		}
	})
}
