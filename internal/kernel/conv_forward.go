package kernel

// ConvForward computes y from x and w. Terms are taken in the order (c, kh, kw), those in the padding as zeros. A block
// of a Blockwise sum is the taps of one input channel.
func ConvForward[T Float](p Conv, y, x, w []T, sum Sum, threads int) {
	p.Check(len(x), len(w), len(y))
	if sum == Whole && size[T]() == 4 {
		convForward[T, float64](p, y, x, w, sum, threads)
		return
	}
	convForward[T, T](p, y, x, w, sum, threads)
}

// convForward is ConvForward on elements of T by arithmetic in E.
func convForward[T, E Float](p Conv, y, x, w []T, sum Sum, threads int) {
	c := getSampleConv[E]()
	defer c.release()
	packForward(c, p, w, sum)
	runSamples(c, y, x, p.N, threads)
}

// packForward readies c for the forward convolution with a weight.
func packForward[T, E Float](c *sampleConv[E], p Conv, w []T, sum Sum) {
	p = p.flat()
	oh, ow := p.OH(), p.OW()
	c.kernel = tileFor[E](ow)
	c.m, c.rows, c.columns, c.width, c.classes = p.OC, oh, ow, ow, oneClass
	g := forwardSource(p)
	c.lay(g)
	taps := p.KH * p.KW
	terms := p.C * taps
	k := correlation[E]{kernel: c.kernel, m: p.OC, area: oh * ow, terms: terms}
	if sum == Blockwise {
		k.terms, k.add = taps, true
	}
	c.reset = k.add
	packed := &c.packed
	k.offsets = forwardOffsets(grow(&packed.offsets, terms), p, &g)
	packed.segments = appendSegments(packed.segments[:0], c.kernel.lanes, oh, ow, p.StrideH*g.groups*g.pitch, ow)
	k.segments = packed.segments
	rows := c.kernel.rows
	k.weights = grow(&packed.weights, c.panels()*rows*terms)
	clear(k.weights[(c.panels()-1)*rows*terms:])
	for panel := range c.panels() {
		first := panel * rows
		Transpose(k.weights[first*terms:], rows, w[first*terms:], terms, min(rows, p.OC-first), terms)
	}
	c.correlations = append(c.correlations[:0], k)
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
