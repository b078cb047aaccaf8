package kernel

// ConvBackwardData computes dx, the gradient with respect to x, from dy and w:
//
//	dx[n,c,h,v] = Σ over (o, p, q)  dy[n,o,i,j] · w[o,c,p,q]   with i·StrideH = h + PadTop - p·DilationH, j likewise
//
// Terms are taken in the order (oc, kh, kw). Taps that no stride reaches (i or j not whole) are left out; those whose
// output lies outside of dy enter as zeros. A block of a Blockwise sum is the taps of one output channel.
func ConvBackwardData[T Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	p.Check(len(dx), len(w), len(dy))
	if sum == Whole && size[T]() == 4 {
		convBackwardData[T, float64](p, dx, dy, w, sum, threads)
		return
	}
	convBackwardData[T, T](p, dx, dy, w, sum, threads)
}

// convBackwardData is ConvBackwardData on elements of T by arithmetic in E.
func convBackwardData[T, E Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	c := getSampleConv[E]()
	defer c.release()
	packBackwardData(c, p, w, sum)
	runSamples(c, dx, dy, p.N, threads)
}

// packBackwardData readies c for the backward convolution with a weight. Inputs fall into classes by their remainder to
// the strides; those of one class take the same taps, from neighbouring elements of dy.
func packBackwardData[T, E Float](c *sampleConv[E], p Conv, w []T, sum Sum) {
	p = p.flat()
	vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
	c.width = (p.W + p.StrideW - 1) / p.StrideW
	c.kernel = tileFor[E](c.width)
	c.m, c.rows, c.columns, c.classes = p.C, p.H, p.W, horizontal.classes
	g := backwardSource(p, vertical, horizontal)
	c.lay(g)
	terms := 0
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			terms += p.OC * len(v.taps) * len(h.taps)
		}
	}
	rows, pitch := c.panels()*c.kernel.rows, c.width*p.StrideW
	packed := &c.packed
	weights, offsets := grow(&packed.weights, rows*terms), grow(&packed.offsets, terms)
	packed.segments, c.correlations = packed.segments[:0], c.correlations[:0]
	for _, v := range vertical.classes {
		for group, h := range horizontal.classes {
			taps := len(v.taps) * len(h.taps)
			if taps == 0 { // a class of no rows or columns has none
				continue
			}
			k := correlation[E]{kernel: c.kernel, m: p.C, area: p.H * pitch, terms: p.OC * taps}
			if sum == Blockwise {
				k.terms, k.add = taps, true
			}
			k.offsets, offsets = offsets[:p.OC*taps], offsets[p.OC*taps:]
			k.weights, weights = weights[:rows*p.OC*taps], weights[rows*p.OC*taps:]
			packClass(&k, p, w, &g, v, h)
			first := len(packed.segments)
			packed.segments = appendSegments(packed.segments, c.kernel.lanes, v.count, h.count, g.pitch, p.StrideH*pitch)
			k.segments = packed.segments[first:]
			for i := range k.segments {
				k.segments[i].output += v.first*pitch + group*c.width
			}
			c.correlations = append(c.correlations, k)
		}
	}
	c.reset = sum == Blockwise || len(c.correlations) < p.StrideH*p.StrideW
}

// backwardSource is the shape of dy for the terms of the backward convolution.
func backwardSource(p Conv, vertical, horizontal axisClasses) padded {
	return padded{
		planes: p.OC, height: p.OH(), width: p.OW(), groups: 1, rowStep: 1,
		top: vertical.before, left: horizontal.before, rows: vertical.length, columns: horizontal.length,
		pitch: horizontal.length,
	}
}

// packClass sets the weights and distances of a class's terms, in the order (oc, kh, kw).
func packClass[E, T Float](c *correlation[E], p Conv, w []T, g *padded, v, h class) {
	rows := c.kernel.rows
	terms := len(c.offsets)
	clear(c.weights[(c.panels()-1)*rows*terms:])
	i := 0
	for o := range p.OC {
		for _, kh := range v.taps {
			for _, kw := range h.taps {
				c.offsets[i] = int32(g.at(o, kh.source+g.top, kw.source+g.left))
				from := w[(o*p.C*p.KH+kh.tap)*p.KW+kw.tap:]
				for channel := range p.C {
					c.weights[(channel/rows*terms+i)*rows+channel%rows] = E(from[channel*p.KH*p.KW])
				}
				i++
			}
		}
	}
}

// join puts rows of results, class after class, in their order.
func join[E, T Float](dst []T, src []E, classes []class, columns, width int) {
	pitch, rows := width*len(classes), len(dst)/columns
	switch len(classes) {
	case 1:
		moveRows(dst, columns, src, pitch, rows, columns)
	case 2:
		even, odd := src[classes[0].first*width:], src[classes[1].first*width:]
		joinRows(dst, columns, even, odd, pitch, rows, columns)
	default:
		for group, c := range classes {
			for row := range rows {
				to, from := dst[row*columns:(row+1)*columns], src[row*pitch+group*width:]
				for i, v := 0, c.first; v < columns; i, v = i+1, v+len(classes) {
					to[v] = T(from[i])
				}
			}
		}
	}
}
