package kernel

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// ConvBackwardDataInt8 is ConvBackwardData on values that are codes of 8 bits times 2^dyExponents, by sample, and
// 2^wExponents, by output channel. The caller certifies that the sums are exact as a whole and, in units of their smallest
// step, below 2^31.
func ConvBackwardDataInt8(p Conv, dx, dy, w []float32, dyExponents, wExponents []int, threads int) bool {
	p.check(len(dx), len(w), len(dy))
	if !hasInt8() || p.OC*p.KH*p.KW > int8Terms || !int8Powers(dyExponents, wExponents) {
		return false
	}
	p = p.flat()
	vertical := classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH)
	horizontal := classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
	channels := int8FallingChannels(p.OC, wExponents)
	g := padded{
		planes: len(channels) / 4, height: p.OH(), width: p.OW(), groups: 1, rowStep: 1,
		top: vertical.before, left: horizontal.before, rows: vertical.length, columns: horizontal.length, pitch: horizontal.length,
	}
	if g.int8Size() > maxSample {
		return false
	}
	width := (p.W + p.StrideW - 1) / p.StrideW
	pitch := width * p.StrideW
	shared := getInt8Workspace()
	defer shared.release()
	shared.empty()
	weights := int8Weights{
		values: w, outPitch: p.KH * p.KW, inPitch: p.C * p.KH * p.KW, exponents: wExponents, bySource: true,
		channels: channels, planeBytes: 4 * g.at(1, 0, 0),
	}
	correlations := make([]int8Correlation, 0, p.StrideH*p.StrideW)
	for _, v := range vertical.classes {
		for group, h := range horizontal.classes {
			if len(v.taps)*len(h.taps) == 0 || h.count == 0 {
				continue
			}
			c := int8Correlation{m: p.C, vectors: int8VectorsFor(p.C), step: 1, area: p.H * pitch}
			var taps []int8Tap
			for _, kh := range v.taps {
				for _, kw := range h.taps {
					taps = append(taps, int8Tap{g.at(0, kh.source+g.top, kw.source+g.left), kh.tap*p.KW + kw.tap})
				}
			}
			if !c.setWeights(shared, weights, taps, threads) {
				return false
			}
			c.setQuads(shared, v.count, h.count, 4*g.pitch, 4, p.StrideH*pitch)
			for i := range c.segments {
				c.segments[i].output += v.first*pitch + group*width
			}
			correlations = append(correlations, c)
		}
	}
	lanes := 16 * int8VectorsFor(p.C)
	tiles := (p.C + lanes - 1) / lanes
	direct, reset := p.StrideW == 1, len(correlations) < p.StrideH*p.StrideW
	lowest := slices.Min(wExponents)
	return int8Samples(p.N, tiles, threads, func(local *int8Workspace, bad *atomic.Bool) sampleFunc {
		fillBytes(grow(&local.source, g.int8Size()), 128)
		scales := grow(&local.scales, tiles*lanes)
		filled := -1
		return func(n, tileLo, tileHi int) {
			if n != filled {
				e := exponentOf(dyExponents, n)
				sample := g.planesOf(dy, n, p.OC)
				local.quads(&g, channels, sample, power(-e), bad)
				for c := range scales {
					scales[c] = power(e + lowest)
				}
				filled = n
			}
			lo, hi := tileLo*lanes, min(tileHi*lanes, p.C)
			place := dx[n*p.C*p.H*p.W : (n+1)*p.C*p.H*p.W]
			out := place
			if !direct {
				out = grow(&local.single, p.C*p.H*pitch)
			}
			if reset {
				clear(out[lo*p.H*pitch : hi*p.H*pitch])
			}
			for i := range correlations {
				correlations[i].run(local, out, tileLo, tileHi)
			}
			if !direct {
				join(place[lo*p.H*p.W:hi*p.H*p.W], out[lo*p.H*pitch:hi*p.H*pitch], horizontal.classes, p.W, width)
			}
		}
	})
}

// planesOf are those of a sample of so many channels.
func (g *padded) planesOf(x []float32, n, channels int) []float32 {
	size := channels * g.height * g.width
	return x[n*size : (n+1)*size]
}

// int8FallingChannels are the channels by falling exponents, each exponent's filled up with -1 to whole quads.
func int8FallingChannels(n int, exponents []int) []int {
	if len(exponents) == 1 {
		return int8Channels(n)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(exponents[j], exponents[i]) })
	var channels []int
	for i, c := range order {
		for i > 0 && exponents[c] != exponents[order[i-1]] && len(channels)%4 > 0 {
			channels = append(channels, -1)
		}
		channels = append(channels, c)
	}
	for len(channels)%4 > 0 {
		channels = append(channels, -1)
	}
	return channels
}
