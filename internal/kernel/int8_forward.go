package kernel

import "sync/atomic"

// ConvForwardInt8 is ConvForward on values that are codes of 8 bits times 2^xExponents, by sample, and 2^wExponents, by
// output channel.
func ConvForwardInt8(p Conv, y, x, w []float32, xExponents, wExponents []int, threads int) bool {
	p.check(len(x), len(w), len(y))
	if !hasInt8() || p.StrideW > 2 || p.C*p.KH*p.KW > int8Terms || !int8Powers(xExponents, wExponents) {
		return false
	}
	p = p.flat()
	oh, ow := p.OH(), p.OW()
	channels := int8Channels(p.C)
	g := padded{
		planes: len(channels) / 4, height: p.H, width: p.W, top: p.PadTop, left: p.PadLeft, groups: 1, rowStep: 1,
		rows: (oh-1)*p.StrideH + (p.KH-1)*p.DilationH + 1, columns: (ow-1)*p.StrideW + (p.KW-1)*p.DilationW + 1,
	}
	g.pitch = g.columns
	if g.int8Size() > maxSample {
		return false
	}
	taps := make([]int8Tap, 0, p.KH*p.KW)
	for kh := range p.KH {
		for kw := range p.KW {
			taps = append(taps, int8Tap{g.at(0, kh*p.DilationH, kw*p.DilationW), kh*p.KW + kw})
		}
	}
	shared := getInt8Workspace()
	defer shared.release()
	shared.empty()
	c := int8Correlation{m: p.OC, vectors: int8VectorsFor(p.OC), step: p.StrideW, area: oh * ow}
	weights := int8Weights{
		values: w, exponents: wExponents, outPitch: p.C * p.KH * p.KW, inPitch: p.KH * p.KW,
		channels: channels, planeBytes: 4 * g.at(1, 0, 0),
	}
	if !c.setWeights(shared, weights, taps, threads) {
		return false
	}
	c.setQuads(shared, oh, ow, 4*p.StrideH*g.pitch, 4*p.StrideW, ow)
	return int8Samples(p.N, c.tiles(), threads, func(local *int8Workspace, bad *atomic.Bool) sampleFunc {
		fillBytes(grow(&local.source, g.int8Size()), 128)
		scales := grow(&local.scales, c.tiles()*c.lanes())
		filled := -1
		return func(n, tileLo, tileHi int) {
			if n != filled {
				e := exponentOf(xExponents, n)
				local.quads(&g, channels, g.planesOf(x, n, p.C), power(-e), bad)
				for o := range p.OC {
					scales[o] = power(e + exponentOf(wExponents, o))
				}
				filled = n
			}
			c.run(local, y[n*p.OC*c.area:(n+1)*p.OC*c.area], tileLo, tileHi)
		}
	})
}

// int8Channels are the channels in ascending order, filled up with -1 to whole quads.
func int8Channels(n int) []int {
	channels := make([]int, (n+3)/4*4)
	for i := range channels {
		channels[i] = i
		if i >= n {
			channels[i] = -1
		}
	}
	return channels
}

// int8Size is the number of bytes of a copy in quads. The outputs of a quad that lie behind a row's end read behind the
// row as well.
func (g *padded) int8Size() int { return 4 * (g.planes*g.rows*g.pitch + 3*2) }
