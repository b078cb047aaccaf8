package kernel

// ConvBackwardWeight computes dw, the gradient with respect to w, from x and dy:
//
//	dw[o,c,p,q] = Σ over n  Σ over (i, j)  dy[n,o,i,j] · x[n, c, i·StrideH - PadTop + p·DilationH, j·StrideW - PadLeft + q·DilationW]
//
// Sequence and Blockwise are the same here: one sample's positions in row-major Sequence from +0, then the samples' sums
// added in ascending order to a total that starts at +0. Whole is exact over everything, rounded once. Positions in the
// padding enter as zeros.
func ConvBackwardWeight[T Float](p Conv, dw, x, dy []T, sum Sum, threads int) {
	p.check(len(x), len(dw), len(dy))
	if sum == Sequence {
		sum = Blockwise
	}
	oh, ow := p.OH(), p.OW()
	Parallel(p.OC*p.C, 1, threads, func(lo, hi int) {
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
