package kernel

// ConvForwardInt8 is ConvForward on values that are codes of 8 bits times 2^xExponents, by sample, and 2^wExponents, by
// output channel.
func ConvForwardInt8(p Conv, y, x, w []float32, xExponents, wExponents []int, threads int) bool {
	p.Check(len(x), len(w), len(y))
	if !int8Powers(xExponents, wExponents) {
		return false
	}
	c := int8SampleConvs.Get().(*int8SampleConv)
	defer int8SampleConvs.Put(c)
	return c.packForward(p, w, wExponents, threads) && c.runSamples(y, x, xExponents, p.N, threads)
}

// packForward readies c for the forward convolution with a weight, whose exponents it keeps. It reports whether the weight
// and the shape are for it.
func (c *int8SampleConv) packForward(p Conv, w []float32, exponents []int, threads int) bool {
	if !hasInt8() || p.StrideW > 2 || p.C*p.KH*p.KW > int8Terms {
		return false
	}
	p = p.flat()
	oh, ow := p.OH(), p.OW()
	c.channels = c.order.ascending(p.C)
	g := padded{
		planes: len(c.channels) / 4, height: p.H, width: p.W, top: p.PadTop, left: p.PadLeft, groups: 1, rowStep: 1,
		rows: (oh-1)*p.StrideH + (p.KH-1)*p.DilationH + 1, columns: (ow-1)*p.StrideW + (p.KW-1)*p.DilationW + 1,
	}
	g.pitch = g.columns
	if !c.lay(g) {
		return false
	}
	c.inputs, c.exponents, c.bySource = p.C, exponents, false
	c.m, c.rows, c.columns, c.width, c.classes, c.reset = p.OC, oh, ow, ow, oneClass, false
	c.taps = c.taps[:0]
	for kh := range p.KH {
		for kw := range p.KW {
			c.taps = append(c.taps, int8Tap{g.at(0, kh*p.DilationH, kw*p.DilationW), kh*p.KW + kw})
		}
	}
	c.packed.empty()
	k := int8Correlation{m: p.OC, vectors: int8VectorsFor(p.OC), step: p.StrideW, area: oh * ow}
	weights := int8Weights{
		values: w, exponents: exponents, outPitch: p.C * p.KH * p.KW, inPitch: p.KH * p.KW,
		channels: c.channels, planeBytes: 4 * g.at(1, 0, 0),
	}
	if !k.setWeights(&c.packed, weights, c.taps, threads) {
		return false
	}
	k.setQuads(&c.packed, oh, ow, 4*p.StrideH*g.pitch, 4*p.StrideW, ow)
	c.correlations = append(c.correlations[:0], k)
	return true
}

// int8Size is the number of bytes of a copy in quads. The outputs of a quad that lie behind a row's end read behind the
// row as well.
func (g *padded) int8Size() int { return 4 * (g.planes*g.rows*g.pitch + 3*2) }
