package kernel

// ConvBackwardData computes dx, the gradient with respect to x, from dy and w:
//
//	dx[n,c,h,v] = Σ over (o, p, q)  dy[n,o,i,j] · w[o,c,p,q]   with i·StrideH = h + PadTop - p·DilationH, j likewise
//
// Terms are taken in the order (oc, kh, kw). Taps that no stride reaches (i or j not whole) are left out; those whose
// output lies outside of dy enter as zeros. A block of a Blockwise sum is the taps of one output channel.
func ConvBackwardData[T Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	p.check(len(dx), len(w), len(dy))
	if sum == Whole && size[T]() == 4 {
		convBackwardData[T, float64](p, dx, dy, w, sum, threads)
		return
	}
	convBackwardData[T, T](p, dx, dy, w, sum, threads)
}

// convBackwardData is ConvBackwardData on elements of T by arithmetic in E. Inputs fall into classes by their remainder
// to the strides; those of one class take the same taps, from neighbouring elements of dy.
func convBackwardData[T, E Float](p Conv, dx, dy, w []T, sum Sum, threads int) {
	p = p.flat()
	area := p.OH() * p.OW()
	vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
	g := padded{
		planes: p.OC, height: p.OH(), width: p.OW(), groups: 1, rowStep: 1,
		top: vertical.before, left: horizontal.before, rows: vertical.length, columns: horizontal.length,
		pitch: horizontal.length,
	}
	// A row of results holds the classes one after the other, unless there is only one.
	width := (p.W + p.StrideW - 1) / p.StrideW
	pitch := width * p.StrideW
	kernel := tileFor[E](width)
	shared := getWorkspace[E]()
	defer shared.release()
	terms := 0
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			terms += p.OC * len(v.taps) * len(h.taps)
		}
	}
	panels := (p.C + kernel.rows - 1) / kernel.rows
	weights := grow(&shared.weights, panels*kernel.rows*terms)
	offsets := grow(&shared.offsets, terms)
	shared.segments = shared.segments[:0]
	correlations := make([]correlation[E], 0, p.StrideH*p.StrideW)
	for _, v := range vertical.classes {
		for group, h := range horizontal.classes {
			taps := len(v.taps) * len(h.taps)
			if taps == 0 || h.count == 0 {
				continue
			}
			c := correlation[E]{kernel: kernel, m: p.C, area: p.H * pitch, terms: p.OC * taps}
			if sum == Blockwise {
				c.terms, c.add = taps, true
			}
			c.offsets, offsets = offsets[:p.OC*taps], offsets[p.OC*taps:]
			c.weights, weights = weights[:panels*kernel.rows*p.OC*taps], weights[panels*kernel.rows*p.OC*taps:]
			packClass(&c, p, w, &g, v, h)
			first := len(shared.segments)
			shared.segments = appendSegments(shared.segments, kernel.lanes, v.count, h.count, g.pitch, p.StrideH*pitch)
			c.segments = shared.segments[first:]
			for i := range c.segments {
				c.segments[i].output += v.first*pitch + group*width
			}
			correlations = append(correlations, c)
		}
	}
	direct := size[E]() == size[T]() && p.StrideW == 1
	reset := sum == Blockwise || len(correlations) < p.StrideH*p.StrideW
	inPlace := size[E]() == size[T]() && g.isSource(kernel.lanes, width)

	overSamples(p.N, panels, threads, func(local *workspace[E]) sampleFunc {
		var source []E
		if !inPlace {
			source = grow(&local.source, g.size())
			clear(source)
		}
		filled := -1
		return func(n, panelLo, panelHi int) {
			sample := dy[n*p.OC*area : (n+1)*p.OC*area]
			if inPlace {
				source, _ = sameType[E](sample)
			} else if n != filled {
				fill(&g, source, sample)
				filled = n
			}
			lo, hi := panelLo*kernel.rows, min(panelHi*kernel.rows, p.C)
			place := dx[n*p.C*p.H*p.W : (n+1)*p.C*p.H*p.W]
			var out []E
			if direct {
				out, _ = sameType[E](place)
			} else {
				out = grow(&local.result, p.C*p.H*pitch)
			}
			if reset {
				clear(out[lo*p.H*pitch : hi*p.H*pitch])
			}
			for i := range correlations {
				correlations[i].run(local, out, source, panelLo, panelHi)
			}
			if !direct {
				join(place[lo*p.H*p.W:hi*p.H*p.W], out[lo*p.H*pitch:hi*p.H*pitch], horizontal.classes, p.W, width)
			}
		}
	})
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
