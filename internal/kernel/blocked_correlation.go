package kernel

import "unsafe"

// blockedCorrelation is the sum over terms that convolutions in blocks have in common forward and backward: for each of m
// channels and each place of a grid of outputs, weights times elements of a source at fixed distances from the place's base.
type blockedCorrelation struct {
	m        int       // output channels
	area     int       // places of a block of outputs
	lanes    int       // channels of a tile
	weights  []float32 // tiles of channels: terms × lanes
	offsets  []int32   // of the terms, in bytes
	segments []segment // quads of outputs, as many as fill tiles
}

// addQuads lists quads of outputs of `lines` rows, at least 4 columns each: the last quad of a row may overlap the one
// before, so that some outputs are computed twice. Distances are bytes: between rows and places of the source, and of the
// outputs, which begin at first.
func addQuads(s []segment, kernel blockedTileKernel, lines, columns int, source [2]int, first int, output [2]int) []segment {
	for line := range lines {
		for column := 0; column < columns; column += quadPlaces {
			at := min(column, columns-quadPlaces)
			s = append(s, segment{line*source[0] + at*source[1], first + line*output[0] + at*output[1], quadPlaces})
		}
	}
	for len(s)%kernel.quads != 0 {
		s = append(s, s[len(s)-1])
	}
	return s
}

// run computes the outputs of a sample.
func (c *blockedCorrelation) run(t *blockedTileArgs, kernel blockedTileKernel, out, source []float32) {
	t.source = unsafe.Pointer(&source[0])
	t.offsets, t.terms = unsafe.Pointer(&c.offsets[0]), len(c.offsets)
	t.pitch = c.area * blockBytes
	for first := 0; first < c.m; first += c.lanes {
		t.weights = unsafe.Pointer(&c.weights[first*len(c.offsets)])
		t.output = unsafe.Pointer(&out[first*c.area])
		t.segments, t.count = unsafe.Pointer(&c.segments[0]), len(c.segments)/kernel.quads
		kernel.run(t)
	}
}

// hasBlocks reports whether a convolution can run on blocks: its outputs make some, strides are 1 or 2, and distances in
// the source fit 32 bits.
func (p Conv) hasBlocks(g *blockedSource, columns int) bool {
	return p.OC%blockChannels == 0 && max(p.StrideH, p.StrideW) <= 2 && columns >= quadPlaces && g.size() <= maxSample/4
}
