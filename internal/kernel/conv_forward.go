package kernel

// ConvForward computes y from x and w. Terms are taken in the order (c, kh, kw), those in the padding as zeros. A block
// of a Blockwise sum is the taps of one input channel.
func ConvForward[T Float](p Conv, y, x, w []T, sum Sum, threads int) {
	p.check(len(x), len(w), len(y))
	oh, ow := p.OH(), p.OW()
	Parallel(p.N*p.OC, 1, threads, func(lo, hi int) {
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
