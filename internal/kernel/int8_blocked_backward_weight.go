package kernel

import "unsafe"

// ConvBackwardWeightInt8Blocked is ConvBackwardWeightInt8 on blocks of codes. It does not where
// ConvBackwardWeightBlocked does not, kernels are neither 1×1 nor 3×3 without dilation, strides differ, or the rows of x or
// dy are no multiple of 4 elements.
func ConvBackwardWeightInt8Blocked(p Conv, dw []float32, x, dy []int8, xExponents, dyExponents []int, sum Sum, threads int) bool {
	p.check(len(x), len(dw), len(dy))
	p = p.flat()
	g := blockedForwardSource(p)
	oh, ow := p.OH(), p.OW()
	square := p.KH == p.KW && (p.KW == 1 || p.KW == 3 && p.DilationH == 1 && p.DilationW == 1) && p.StrideH == p.StrideW
	if !hasInt8() || !square || !p.hasBlocks(&g, ow) || ow%quadPlaces != 0 || g.place == 1 || oh*ow > int8Terms || !int8Powers(xExponents, dyExponents) || !g.int8Whole() {
		return false
	}
	c := int8BlockedGradient{Conv: p, g: g, x: x, dy: dy, xExponents: xExponents, dyExponents: dyExponents, vectors: int8VectorsFor(p.OC)}
	c.kernel = int8BlockedOuter(c.vectors, p.KW, sum == Whole)
	shared := getInt8Workspace()
	defer shared.release()
	if sum == Whole {
		c.double = grow(&shared.double, len(dw))
	} else {
		c.single = grow(&shared.single, len(dw))
	}
	clear(c.double)
	clear(c.single)
	c.groups = p.OC / (c.vectors * blockChannels)
	ParallelEvenly(p.C/c.kernel.channels*c.groups, 1, threads, func(lo, hi int) {
		w := getInt8Workspace()
		defer w.release()
		c.run(w, lo, hi)
	})
	taps := p.KH * p.KW
	for o := range p.OC {
		from, to := o/blockChannels*taps*p.C*blockChannels+o%blockChannels, dw[o*taps*p.C:(o+1)*taps*p.C]
		for i := range to {
			channel, tap := i/taps, i%taps
			at := from + ((channel/blockChannels*taps+tap)*blockChannels+channel%blockChannels)*blockChannels
			if sum == Whole {
				to[i] = float32(c.double[at])
			} else {
				to[i] = c.single[at]
			}
		}
	}
	return true
}

// int8BlockedGradient is a convolution whose weight's gradient is computed from codes in blocks.
type int8BlockedGradient struct {
	Conv
	g                       blockedSource
	x, dy                   []int8
	xExponents, dyExponents []int
	vectors, groups         int // blocks of output channels in a tile, and how many such
	kernel                  blockedOuterKernel
	single                  []float32 // totals (oc/16, c/16, kh, kw, c%16) × 16, or
	double                  []float64
}

// run sums a range of parts: input channels of a kernel, times groups of output channels. Both operands become quads of
// places, x once for each column of taps; rows that follow each other for one row of taps, those of a remainder to the
// stride, lie one behind the other.
func (c *int8BlockedGradient) run(w *int8Workspace, lo, hi int) {
	oh, ow := c.OH(), c.OW()
	places, rowQuads := oh*ow, ow/quadPlaces
	quad := 4 * blockChannels * c.KW // bytes of a quad of places, all columns of taps
	remainders := min(c.StrideH, c.KH)
	rows := (c.g.rows + c.StrideH - 1) / c.StrideH
	blockQuads := remainders * rows * rowQuads * quad
	blocks, perBlock := c.C/blockChannels, c.KH*c.KW*blockChannels*blockChannels
	first, last := lo/c.groups*c.kernel.channels/blockChannels, (hi-1)/c.groups*c.kernel.channels/blockChannels

	const beyond = 64 // a quad with a stride reads behind its last place
	source := grow(&w.source, c.g.size()+beyond)
	fillWith(source, 128)
	quads := grow(&w.placeQuads, blocks*blockQuads)
	vectors := grow(&w.vectors, c.OC*places)
	corrections := grow(&w.corrections, c.OC)
	parts := int8PartsOf(int8Channels(c.C), c.H*c.W*blockChannels)
	t, pack := &w.blockedOuter, &w.pack
	size := 4
	if c.double != nil {
		size = 8
	}
	t.pitch, t.vectorPitch, t.quads = blocks*perBlock*size, places*blockChannels, oh*rowQuads
	for n := range c.N {
		w.int8FillPlaces(&c.g, source, c.x[n*c.C*c.H*c.W:(n+1)*c.C*c.H*c.W], parts)
		for block := first; block <= last; block++ {
			for r := range remainders {
				for kw := range c.KW {
					pack.src[0] = unsafe.Pointer(&source[c.g.at(block, r, kw)])
					pack.dst = unsafe.Pointer(&quads[block*blockQuads+r*rows*rowQuads*quad+4*blockChannels*kw])
					pack.rows, pack.vectors, pack.dstPitch = (c.rowsRead()-r+c.StrideH-1)/c.StrideH, rowQuads, quad
					pack.srcPitch = (c.StrideH*c.g.columns - c.StrideW*ow) * blockChannels
					int8Quads(pack, c.StrideW)
				}
			}
		}
		c.errors(w, n, vectors, corrections)
		t.scale = float64(power(exponentOf(c.xExponents, n) + exponentOf(c.dyExponents, n)))
		for i := lo; i < hi; i++ {
			channel, o := i/c.groups*c.kernel.channels, i%c.groups*c.vectors
			t.vectors, t.corrections = unsafe.Pointer(&vectors[o*t.vectorPitch]), unsafe.Pointer(&corrections[o*blockChannels])
			for kh := range c.KH {
				row := kh%c.StrideH*rows + kh/c.StrideH
				t.source = unsafe.Pointer(&quads[channel/blockChannels*blockQuads+row*rowQuads*quad+channel%blockChannels*4])
				at := (o*blocks+channel/blockChannels)*perBlock + (kh*c.KW*blockChannels+channel%blockChannels)*blockChannels
				if c.double != nil {
					t.output = unsafe.Pointer(&c.double[at])
				} else {
					t.output = unsafe.Pointer(&c.single[at])
				}
				c.kernel.run(t)
			}
		}
	}
}

// rowsRead is the number of rows of the copy that terms read.
func (c *int8BlockedGradient) rowsRead() int { return (c.OH()-1)*c.StrideH + c.KH }

// errors turns a sample's errors into quads, and sums them for what 128 times too much each gives.
func (c *int8BlockedGradient) errors(w *int8Workspace, n int, vectors []int8, corrections []int32) {
	places := c.OH() * c.OW()
	for block := range c.OC / blockChannels {
		to := vectors[block*places*blockChannels:]
		w.pack.src[0], w.pack.dst = unsafe.Pointer(&c.dy[(n*c.OC+block*blockChannels)*places]), unsafe.Pointer(&to[0])
		w.pack.rows, w.pack.vectors, w.pack.srcPitch, w.pack.dstPitch = 1, places/quadPlaces, 0, 4*blockChannels
		int8Quads(&w.pack, 1)
		w.outer.vectors, w.outer.pitch, w.outer.lines = unsafe.Pointer(&to[0]), 4*blockChannels, places/quadPlaces
		w.outer.output = unsafe.Pointer(&corrections[block*blockChannels])
		int8Negative(&w.outer)
	}
}
