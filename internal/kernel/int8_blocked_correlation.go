package kernel

import "unsafe"

// int8BlockedCorrelation is blockedCorrelation on codes of 8 bits: a term is a quad of source channels and a tap.
type int8BlockedCorrelation struct {
	int8Correlation // its weights, offsets, groups, corrections; area in places
	quads           []segment
}

// setPlaces packs the weights of some taps, whose sources are numbers of places of g, and lists the distances of the terms.
func (c *int8BlockedCorrelation) setPlaces(w *int8Workspace, from int8Weights, g *blockedSource, taps []int8Tap, threads int) bool {
	if !c.setWeights(w, from, taps, threads) {
		return false
	}
	i := 0
	for quad := range len(from.channels) / 4 {
		for _, tap := range taps {
			c.offsets[i] = int32(g.at(quad/4, 0, 0) + tap.source*blockChannels + quad%4*4)
			i++
		}
	}
	return true
}

// run computes the outputs of a sample.
func (c *int8BlockedCorrelation) run(t *blockedTileArgs, kernel blockedTileKernel, out []float32, source []byte, scales []float32) {
	t.source = unsafe.Pointer(&source[0])
	t.offsets, t.pitch = unsafe.Pointer(&c.offsets[0]), c.area*blockBytes
	t.groups, t.groupCount = unsafe.Pointer(&c.groups[0]), len(c.groups)
	for first := 0; first < c.m; first += c.lanes() {
		t.weights = unsafe.Pointer(&c.weights[first*len(c.offsets)*4])
		t.corrections, t.scales = unsafe.Pointer(&c.corrections[first]), unsafe.Pointer(&scales[first])
		t.output = unsafe.Pointer(&out[first*c.area])
		t.segments, t.count = unsafe.Pointer(&c.quads[0]), len(c.quads)/kernel.quads
		kernel.run(t)
	}
}
