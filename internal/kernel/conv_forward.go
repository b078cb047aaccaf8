package kernel

// ConvForward computes y from x and w. Terms are taken in the order (c, kh, kw), those in the padding as zeros. A block
// of a Blockwise sum is the taps of one input channel.
func ConvForward[T Float](p Conv, y, x, w []T, sum Sum, threads int) {
	p.check(len(x), len(w), len(y))
	if sum == Whole && size[T]() == 4 {
		convForward[T, float64](p, y, x, w, sum, threads)
		return
	}
	convForward[T, T](p, y, x, w, sum, threads)
}

// convForward is ConvForward on elements of T by arithmetic in E.
func convForward[T, E Float](p Conv, y, x, w []T, sum Sum, threads int) {
	p = p.flat()
	oh, ow := p.OH(), p.OW()
	g := forwardSource(p)
	kernel := tileFor[E](ow)
	shared := getWorkspace[E]()
	defer shared.release()

	taps := p.KH * p.KW
	terms := p.C * taps
	c := correlation[E]{kernel: kernel, m: p.OC, area: oh * ow, terms: terms}
	if sum == Blockwise {
		c.terms, c.add = taps, true
	}
	c.offsets = forwardOffsets(grow(&shared.offsets, terms), p, &g)
	shared.segments = appendSegments(shared.segments[:0], kernel.lanes, oh, ow, p.StrideH*g.groups*g.pitch, ow)
	c.segments = shared.segments
	c.weights = grow(&shared.weights, c.panels()*kernel.rows*terms)
	clear(c.weights[(c.panels()-1)*kernel.rows*terms:])
	for panel := range c.panels() {
		first := panel * kernel.rows
		transpose(c.weights[first*terms:], kernel.rows, w[first*terms:], terms, min(kernel.rows, p.OC-first), terms)
	}
	inPlace := size[E]() == size[T]() && g.isSource(kernel.lanes, ow)

	overSamples(p.N, c.panels(), threads, func(local *workspace[E]) sampleFunc {
		var source []E
		if !inPlace {
			source = grow(&local.source, g.size())
			clear(source)
		}
		filled := -1
		return func(n, panelLo, panelHi int) {
			sample := x[n*p.C*p.H*p.W : (n+1)*p.C*p.H*p.W]
			if inPlace {
				source, _ = sameType[E](sample)
			} else if n != filled {
				fill(&g, source, sample)
				filled = n
			}
			lo, hi := panelLo*kernel.rows*c.area, min(panelHi*kernel.rows, p.OC)*c.area
			place := y[n*p.OC*c.area : (n+1)*p.OC*c.area]
			out, direct := sameType[E](place)
			if !direct {
				out = grow(&local.result, p.OC*c.area)
			}
			if c.add {
				clear(out[lo:hi])
			}
			c.run(local, out, source, panelLo, panelHi)
			if !direct {
				moveRows(place[lo:hi], hi-lo, out[lo:hi], hi-lo, 1, hi-lo)
			}
		}
	})
}

// forwardOffsets sets the distances of the terms (c, kh, kw) from an output's base.
func forwardOffsets(offsets []int32, p Conv, g *padded) []int32 {
	i := 0
	for c := range p.C {
		for kh := range p.KH {
			for kw := range p.KW {
				offsets[i] = int32(g.at(c, kh*p.DilationH, kw*p.DilationW))
				i++
			}
		}
	}
	return offsets
}
