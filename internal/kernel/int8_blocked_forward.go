package kernel

// ConvForwardInt8Blocked is ConvForwardInt8 on blocks, of which x holds the codes themselves. It does not where
// ConvForwardBlocked does not, C is no multiple of 16, or the rows of x are no multiple of 4 elements.
func ConvForwardInt8Blocked(p Conv, y []float32, x []int8, w []float32, xExponents, wExponents []int, threads int) bool {
	p.check(len(x), len(w), len(y))
	p = p.flat()
	g := blockedForwardSource(p)
	oh, ow := p.OH(), p.OW()
	if !hasInt8() || !p.hasBlocks(&g, ow) || g.place == 1 || !g.int8Whole() || p.C*p.KH*p.KW > int8Terms || !int8Powers(xExponents, wExponents) {
		return false
	}
	var taps []int8Tap
	for kh := range p.KH {
		for kw := range p.KW {
			taps = append(taps, int8Tap{kh*p.DilationH*g.columns + kw*p.DilationW, kh*p.KW + kw})
		}
	}
	shared := getInt8Workspace()
	defer shared.release()
	shared.empty()
	c := int8BlockedCorrelation{int8Correlation: int8Correlation{m: p.OC, vectors: int8VectorsFor(p.OC), area: oh * ow}}
	channels := int8Channels(p.C)
	weights := int8Weights{values: w, exponents: wExponents, outPitch: p.C * p.KH * p.KW, inPitch: p.KH * p.KW, channels: channels}
	if !c.setPlaces(shared, weights, &g, taps, threads) {
		return false
	}
	kernel := int8BlockedTile(c.vectors, p.StrideW, 1)
	c.quads = addQuads(nil, kernel, oh, ow, [2]int{p.StrideH * g.columns * blockChannels, p.StrideW * blockChannels}, 0, [2]int{ow * blockBytes, blockBytes})
	int8BlockedSamples(p.N, threads, &g, channels, y, x, func(local *int8Workspace, n int, out []float32) {
		scales := grow(&local.scales, p.OC)
		for o := range scales {
			scales[o] = power(exponentOf(xExponents, n) + exponentOf(wExponents, o))
		}
		c.run(&local.blocked, kernel, out, local.source, scales)
	})
	return true
}
