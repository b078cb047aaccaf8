package kernel

// ConvBackwardDataInt8 is ConvBackwardData on values that are codes of 8 bits times 2^dyExponents, by sample, and
// 2^wExponents, by output channel. The caller certifies that the sums are exact as a whole and, in units of their smallest
// step, below 2^31.
func ConvBackwardDataInt8(p Conv, dx, dy, w []float32, dyExponents, wExponents []int, threads int) bool {
	p.Check(len(dx), len(w), len(dy))
	if !int8Powers(dyExponents, wExponents) {
		return false
	}
	c := int8SampleConvs.Get().(*int8SampleConv)
	defer int8SampleConvs.Put(c)
	return c.packBackwardData(p, w, wExponents, threads) && c.runSamples(dx, dy, dyExponents, p.N, threads)
}

// packBackwardData readies c for the backward convolution with a weight, whose exponents it keeps. It reports whether the
// weight and the shape are for it.
func (c *int8SampleConv) packBackwardData(p Conv, w []float32, exponents []int, threads int) bool {
	if !hasInt8() || p.OC*p.KH*p.KW > int8Terms {
		return false
	}
	p = p.flat()
	vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
	c.channels = c.order.falling(p.OC, exponents)
	g := backwardSource(p, vertical, horizontal)
	g.planes = len(c.channels) / 4
	if !c.lay(g) {
		return false
	}
	c.inputs, c.exponents, c.bySource = p.OC, exponents, true
	c.m, c.rows, c.columns, c.width, c.classes = p.C, p.H, p.W, (p.W+p.StrideW-1)/p.StrideW, horizontal.classes
	pitch := c.width * p.StrideW
	weights := int8Weights{
		values: w, outPitch: p.KH * p.KW, inPitch: p.C * p.KH * p.KW, exponents: exponents, bySource: true,
		channels: c.channels, planeBytes: 4 * g.at(1, 0, 0),
	}
	c.packed.empty()
	c.correlations = c.correlations[:0]
	for _, v := range vertical.classes {
		for group, h := range horizontal.classes {
			if len(v.taps)*len(h.taps) == 0 { // a class of no rows or columns has none
				continue
			}
			k := int8Correlation{m: p.C, vectors: int8VectorsFor(p.C), step: 1, area: p.H * pitch}
			c.taps = c.taps[:0]
			for _, kh := range v.taps {
				for _, kw := range h.taps {
					c.taps = append(c.taps, int8Tap{g.at(0, kh.source+g.top, kw.source+g.left), kh.tap*p.KW + kw.tap})
				}
			}
			if !k.setWeights(&c.packed, weights, c.taps, threads) {
				return false
			}
			k.setQuads(&c.packed, v.count, h.count, 4*g.pitch, 4, p.StrideH*pitch)
			for i := range k.segments {
				k.segments[i].output += v.first*pitch + group*c.width
			}
			c.correlations = append(c.correlations, k)
		}
	}
	c.reset = len(c.correlations) < p.StrideH*p.StrideW
	return true
}
