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

// int8BlockedSamples computes samples from a source each, whose channels are put into the given order.
func int8BlockedSamples(n, threads int, g *blockedSource, channels []int, out []float32, in []int8, body func(w *int8Workspace, n int, out []float32)) {
	inputs, outputs := len(in)/n, len(out)/n
	parts := int8PartsOf(channels, g.height*g.width*blockChannels)
	ParallelWork(n, 1, threads, func(work *Work) {
		w := getInt8Workspace()
		defer w.release()
		fillWith(grow(&w.source, g.size()), 128)
		for lo, hi, ok := work.Next(); ok; lo, hi, ok = work.Next() {
			for i := lo; i < hi; i++ {
				w.int8FillPlaces(g, w.source, in[i*inputs:(i+1)*inputs], parts)
				body(w, i, out[i*outputs:(i+1)*outputs])
			}
		}
	})
}
