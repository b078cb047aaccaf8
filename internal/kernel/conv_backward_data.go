package kernel

// ConvBackwardData computes dx, the gradient with respect to x, from dy and w:
//
//	dx[n,c,h,v] = Σ over (o, p, q)  dy[n,o,i,j] · w[o,c,p,q]   with i·StrideH = h + PadTop - p·DilationH, j likewise
//
// Terms are taken in the order (oc, kh, kw). Taps that no stride reaches (i or j not whole) are left out; those whose
// output lies outside of dy enter as zeros. A block of a Blockwise sum is the taps of one output channel.
func ConvBackwardData[T Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	p.check(len(dx), len(w), len(dy))
	oh, ow := p.OH(), p.OW()
	Parallel(p.N*p.C, 1, threads, func(lo, hi int) {
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
