package kernel

// ConvForwardBlocked is ConvForward by Sequence, with y in blocks and x too, or in planes if C is no multiple of 16. It
// reports whether it did the work, which it does where OC is a multiple of 16, strides are 1 or 2, and rows of y have at
// least 4 elements.
func ConvForwardBlocked(p Conv, y, x, w []float32, threads int) bool {
	c := packedConvsBlocked.Get().(*PackedConvBlocked)
	defer packedConvsBlocked.Put(c)
	ok := c.PackForward(p, w)
	if ok {
		c.runAll(y, x, threads)
	}
	return ok
}

// PackForward takes the weight w of a forward convolution, on operands as ConvForwardBlocked has them. It reports whether
// samples can be computed so.
func (c *PackedConvBlocked) PackForward(p Conv, w []float32) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	if !p.TakesBlocks() {
		return false
	}
	p = p.flat()
	g := blockedForwardSource(p)
	oh, ow := p.OH(), p.OW()
	c.lay(g, p.N, p.C*p.H*p.W, p.OC*oh*ow)
	in := p.StrideW
	if g.place == 1 {
		in = 0
	}
	c.kernel, c.reset = blockedTile(p.OC, in, 1), false
	packed, terms := &c.packed, p.C*p.KH*p.KW
	k := blockedCorrelation{m: p.OC, area: oh * ow, lanes: c.kernel.blocks * blockChannels}
	k.offsets = grow(&packed.offsets, terms)[:0]
	for channel := range p.C {
		for kh := range p.KH {
			for kw := range p.KW {
				k.offsets = append(k.offsets, int32(4*g.term(p, channel, kh, kw)))
			}
		}
	}
	k.weights = grow(&packed.weights, p.OC*terms)
	for first := 0; first < p.OC; first += k.lanes {
		Transpose(k.weights[first*terms:], k.lanes, w[first*terms:], terms, k.lanes, terms)
	}
	place := 4 * g.place
	packed.segments = addQuads(packed.segments, c.kernel, oh, ow, [2]int{p.StrideH * g.columns * place, p.StrideW * place}, 0, [2]int{ow * blockBytes, blockBytes})
	k.segments = packed.segments
	c.correlations = append(c.correlations, k)
	return true
}
