package kernel

import "unsafe"

// ConvBackwardWeightBlocked is ConvBackwardWeight by Sequence, with dy in blocks and x too, or in planes if C is no multiple
// of 16. It reports whether it did the work, which it does where OC is a multiple of 16 and strides are 1 or 2. Errors in
// blocks are vectors as they lie there.
func ConvBackwardWeightBlocked(p Conv, dw, x, dy []float32, threads int) bool {
	p.check(len(x), len(dw), len(dy))
	if !p.WeightTakesBlocks() {
		return false
	}
	p = p.flat()
	g := blockedForwardSource(p)
	shared := getWorkspace[float32]()
	defer shared.release()
	// Totals lie in the order (oc/16, c, kh, kw) × 16 of planes, or (oc/16, c/16, kh, kw, c%16) × 16 of blocks.
	terms := p.C * p.KH * p.KW
	total := grow(&shared.result, terms*p.OC)
	clear(total)
	if g.place == 1 {
		blockedPlanesWeight(p, &g, total, x, dy, threads)
	} else {
		blockedWeight(p, &g, total, x, dy, threads)
	}
	for o := range p.OC {
		from, to := total[o/blockChannels*terms*blockChannels+o%blockChannels:], dw[o*terms:(o+1)*terms]
		for i := range to {
			at := i
			if g.place > 1 {
				c, tap := i/(p.KH*p.KW), i%(p.KH*p.KW)
				at = (c/blockChannels*p.KH*p.KW+tap)*blockChannels + c%blockChannels
			}
			to[i] = from[at*blockChannels]
		}
	}
	return true
}

// blockedWeight sums for x in blocks. Each thread takes a range of input channels, or of output channels.
func blockedWeight(p Conv, g *blockedSource, total, x, dy []float32, threads int) {
	oh, ow := p.OH(), p.OW()
	taps := 1
	if p.KW == 3 && p.DilationW == 1 {
		taps = 3
	}
	kernel := blockedOuter(p.OC, taps)
	groups, parts := p.OC/(kernel.blocks*blockChannels), p.C/kernel.channels
	perBlock := p.KH * p.KW * blockChannels * blockChannels // totals of a block of either
	sample := p.C * p.H * p.W
	ParallelEvenly(parts*groups, 1, threads, func(lo, hi int) {
		local := getWorkspace[float32]()
		defer local.release()
		firstBlock, lastBlock := lo/groups*kernel.channels/blockChannels, (hi-1)/groups*kernel.channels/blockChannels
		var source []float32
		if !g.isSource() {
			source = grow(&local.source, g.size())
			clear(source)
		}
		t := &local.blockedOuter
		t.step = p.StrideW * blockBytes
		t.skip = p.StrideH*g.columns*blockBytes - ow*t.step
		t.vectorPitch, t.pitch = oh*ow*blockBytes, p.C/blockChannels*perBlock*4
		for n := range p.N {
			if g.isSource() {
				source = x[n*sample : (n+1)*sample]
			} else {
				g.fill(source, x[n*sample:(n+1)*sample], firstBlock, lastBlock+1)
			}
			for i := lo; i < hi; i++ {
				c, o := i/groups*kernel.channels, i%groups*kernel.blocks
				t.vectors = unsafe.Pointer(&dy[(n*p.OC/blockChannels+o)*oh*ow*blockChannels])
				for kh := range p.KH {
					for kw := 0; kw < p.KW; kw += taps {
						t.source = unsafe.Pointer(&source[g.term(p, c, kh, kw)])
						at := (o*p.C/blockChannels+c/blockChannels)*perBlock + ((kh*p.KW+kw)*blockChannels+c%blockChannels)*blockChannels
						t.output = unsafe.Pointer(&total[at])
						t.lines, t.columns = oh, ow
						kernel.run(t)
					}
				}
			}
		}
	})
}

// blockedPlanesWeight sums for x in planes, by the kernels that take errors as vectors of 16 channels.
func blockedPlanesWeight(p Conv, g *blockedSource, total, x, dy []float32, threads int) {
	oh, ow := p.OH(), p.OW()
	kernel := float32Outer(blockChannels)
	terms := p.C * p.KH * p.KW
	panels := (terms + kernel.rows - 1) / kernel.rows
	sample := p.C * p.H * p.W
	ParallelEvenly(panels*p.OC/blockChannels, 1, threads, func(lo, hi int) {
		local := getWorkspace[float32]()
		defer local.release()
		source := grow(&local.source, g.size())
		clear(source)
		scratch := grow(&local.scratch, kernel.rows*blockChannels)
		t := &local.outer
		t.step, t.skip, t.pitch = 4, 4*(p.StrideH*g.columns-ow), blockBytes
		for n := range p.N {
			g.fill(source, x[n*sample:(n+1)*sample], 0, g.blocks)
			for i := lo; i < hi; i++ {
				o, first := i/panels, i%panels*kernel.rows
				for row := range kernel.rows {
					term := min(first+row, terms-1)
					t.rows[row] = unsafe.Pointer(&source[g.term(p, term/(p.KH*p.KW), term/p.KW%p.KH, term%p.KW)])
				}
				// The last rows may be fewer than the kernel has.
				place := total[(o*terms+first)*blockChannels:][:min(kernel.rows, terms-first)*blockChannels]
				out := place
				if len(place) < len(scratch) {
					out = scratch
					copy(out, place)
				}
				t.output = unsafe.Pointer(&out[0])
				t.vectors = unsafe.Pointer(&dy[(n*p.OC/blockChannels+o)*oh*ow*blockChannels])
				t.lines, t.columns = oh, ow
				kernel.run(t)
				if len(place) < len(scratch) {
					copy(place, out)
				}
			}
		}
	})
}
