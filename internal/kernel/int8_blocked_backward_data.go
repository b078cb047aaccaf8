package kernel

import "slices"

// ConvBackwardDataInt8Blocked is ConvBackwardDataInt8 on blocks, of which dy holds the codes themselves. It does not where
// ConvBackwardDataBlocked does not, or the rows of dy are no multiple of 4 elements.
func ConvBackwardDataInt8Blocked(p Conv, dx []float32, dy []int8, w []float32, dyExponents, wExponents []int, threads int) bool {
	p.check(len(dx), len(w), len(dy))
	if !hasInt8() || p.OC%blockChannels != 0 || p.OC*p.KH*p.KW > int8Terms || !int8Powers(dyExponents, wExponents) {
		return false
	}
	p = p.flat()
	vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
	g := blockedErrors(p, vertical, horizontal)
	// Errors are put into the order of their weights' exponents.
	channels := int8FallingChannels(p.OC, wExponents)
	g.blocks = (len(channels) + blockChannels - 1) / blockChannels
	if !p.hasBlocks(&g, p.W/p.StrideW) || p.C%blockChannels != 0 || !g.int8Whole() {
		return false
	}
	shared := getInt8Workspace()
	defer shared.release()
	shared.empty()
	weights := int8Weights{values: w, outPitch: p.KH * p.KW, inPitch: p.C * p.KH * p.KW, exponents: wExponents, bySource: true, channels: channels}
	correlations := make([]int8BlockedCorrelation, 0, p.StrideH*p.StrideW)
	kernel := int8BlockedTile(int8VectorsFor(p.C), 1, p.StrideW)
	for _, v := range vertical.classes {
		for _, h := range horizontal.classes {
			var taps []int8Tap
			for _, kh := range v.taps {
				for _, kw := range h.taps {
					taps = append(taps, int8Tap{(kh.source+g.top)*g.columns + kw.source + g.left, kh.tap*p.KW + kw.tap})
				}
			}
			if len(taps) == 0 || v.count == 0 {
				continue
			}
			c := int8BlockedCorrelation{int8Correlation: int8Correlation{m: p.C, vectors: int8VectorsFor(p.C), area: p.H * p.W}}
			if !c.setPlaces(shared, weights, &g, taps, threads) {
				return false
			}
			c.quads = addQuads(nil, kernel, v.count, h.count, [2]int{g.columns * blockChannels, blockChannels},
				(v.first*p.W+h.first)*blockBytes, [2]int{p.StrideH * p.W * blockBytes, p.StrideW * blockBytes})
			correlations = append(correlations, c)
		}
	}
	reset := len(correlations) < p.StrideH*p.StrideW
	lowest := slices.Min(wExponents)
	int8BlockedSamples(p.N, threads, &g, channels, dx, dy, func(local *int8Workspace, n int, out []float32) {
		scales := grow(&local.scales, p.C)
		for c := range scales {
			scales[c] = power(exponentOf(dyExponents, n) + lowest)
		}
		if reset {
			clear(out)
		}
		for i := range correlations {
			correlations[i].run(&local.blocked, kernel, out, local.source, scales)
		}
	})
	return true
}
