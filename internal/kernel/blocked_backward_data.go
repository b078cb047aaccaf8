package kernel

// ConvBackwardDataBlocked is ConvBackwardData by Sequence on blocks. It reports whether it did the work, which it does where
// C and OC are multiples of 16, strides are 1 or 2, and rows of x have at least 4 elements for each column stride.
func ConvBackwardDataBlocked(p Conv, dx, dy, w []float32, threads int) bool {
	c := packedConvsBlocked.Get().(*PackedConvBlocked)
	defer packedConvsBlocked.Put(c)
	ok := c.PackBackwardData(p, w)
	if ok {
		c.runAll(dx, dy, threads)
	}
	return ok
}

// PackBackwardData is PackForward for the gradient with respect to x.
func (c *PackedConvBlocked) PackBackwardData(p Conv, w []float32) bool {
	p.Check(p.N*p.C*p.H*p.W, len(w), p.N*p.OC*p.OH()*p.OW())
	if !p.DataTakesBlocks() {
		return false
	}
	p = p.flat()
	vertical, horizontal := p.classes()
	g := blockedErrors(p, vertical, horizontal)
	c.lay(g, p.N, p.OC*p.OH()*p.OW(), p.C*p.H*p.W)
	c.kernel = blockedTile(p.C, 1, p.StrideW)
	terms := 0
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			terms += p.OC * len(v.taps) * len(h.taps)
		}
	}
	packed := &c.packed
	weights, offsets := grow(&packed.weights, p.C*terms), grow(&packed.offsets, terms)
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			n := p.OC * len(v.taps) * len(h.taps)
			if n == 0 { // a class of no rows or columns has no taps
				continue
			}
			k := blockedCorrelation{m: p.C, area: p.H * p.W, lanes: c.kernel.blocks * blockChannels}
			k.offsets, offsets = offsets[:n:n], offsets[n:]
			k.weights, weights = weights[:p.C*n], weights[p.C*n:]
			packBlockedClass(&k, p, w, &g, v, h)
			first := len(packed.segments)
			packed.segments = addQuads(packed.segments, c.kernel, v.count, h.count, [2]int{g.columns * blockBytes, blockBytes},
				(v.first*p.W+h.first)*blockBytes, [2]int{p.StrideH * p.W * blockBytes, p.StrideW * blockBytes})
			k.segments = packed.segments[first:]
			c.correlations = append(c.correlations, k)
		}
	}
	c.reset = len(c.correlations) < p.StrideH*p.StrideW
	return true
}

// packBlockedClass sets the weights and distances of a class's terms, in the order (oc, kh, kw).
func packBlockedClass(c *blockedCorrelation, p Conv, w []float32, g *blockedSource, v, h class) {
	terms, i := len(c.offsets), 0
	for o := range p.OC {
		for _, kh := range v.taps {
			for _, kw := range h.taps {
				c.offsets[i] = int32(4 * (g.at(o/blockChannels, kh.source+g.top, kw.source+g.left) + o%blockChannels))
				from := w[(o*p.C*p.KH+kh.tap)*p.KW+kw.tap:]
				for first := 0; first < p.C; first += c.lanes {
					to := c.weights[(first/c.lanes*terms+i)*c.lanes:][:c.lanes]
					for lane := range to {
						to[lane] = from[(first+lane)*p.KH*p.KW]
					}
				}
				i++
			}
		}
	}
}
