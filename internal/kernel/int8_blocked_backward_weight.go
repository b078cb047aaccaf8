package kernel

import (
	"sync"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ConvBackwardWeightInt8Blocked is ConvBackwardWeightInt8 on blocks of codes. It does not where
// Conv.WeightTakesBlocksInt8 says so.
func ConvBackwardWeightInt8Blocked(p Conv, dw []float32, x, dy []int8, xExponents, dyExponents []int, sum Sum, threads int) bool {
	p.Check(len(x), len(dw), len(dy))
	if !p.WeightTakesBlocksInt8() || !int8Powers(xExponents, dyExponents) {
		return false
	}
	c := int8BlockedGradientOf(int8BlockedGradient{Conv: p.flat(), dw: dw, x: x, dy: dy, xExponents: xExponents, dyExponents: dyExponents, double: sum == Whole})
	defer c.release()
	blocks := c.C / blockChannels
	if threads > blocks {
		c.run(0, blocks, threads)
		return true
	}
	parallel.ForEvenly(blocks, 1, threads, func(lo, hi int) {
		part := int8BlockedGradientOf(*c)
		defer part.release()
		part.run(lo, hi, 1)
	})
	return true
}

var int8BlockedGradients = sync.Pool{New: func() any { return new(int8BlockedGradient) }}

// int8BlockedGradientOf returns a copy of g, for release.
func int8BlockedGradientOf(g int8BlockedGradient) *int8BlockedGradient {
	c := int8BlockedGradients.Get().(*int8BlockedGradient)
	*c = g
	return c
}

func (c *int8BlockedGradient) release() {
	*c = int8BlockedGradient{}
	int8BlockedGradients.Put(c)
}

// WeightTakesBlocksInt8 is TakesBlocksInt8 for the gradient with respect to the weight: where WeightTakesBlocks does, C is a
// multiple of 16, kernels are 1×1, or 3×3 without dilation, strides are the same in both directions, and rows of x and dy
// are multiples of 4.
func (p Conv) WeightTakesBlocksInt8() bool {
	flat := p.flat()
	g := blockedForwardSource(flat)
	square := flat.KH == flat.KW && (flat.KW == 1 || flat.KW == 3 && flat.DilationH == 1 && flat.DilationW == 1) && flat.StrideH == flat.StrideW
	return hasInt8Blocks() && p.WeightTakesBlocks() && square && g.place > 1 && flat.OW()%quadPlaces == 0 && g.int8Whole() &&
		HoldsInt8(p.OH()*p.OW())
}

// int8BlockedGradient is a convolution whose weight's gradient is computed from codes in blocks, or a part of it. Where
// there are blocks of inputs for all threads, each takes some, and packs them and all errors for itself: errors are the
// lesser part, and what another processor has packed is far away. Otherwise all threads pack some samples together, each
// of them once, and then divide the gradient's elements. A sum over samples has one order.
type int8BlockedGradient struct {
	Conv
	dw                      []float32
	x, dy                   []int8
	xExponents, dyExponents []int
	double                  bool // samples' sums are added in float64
	first, blocks           int  // of inputs
	g                       blockedSource
	channels                [][]int8Part // of the source's blocks
	kernel                  blockedOuterKernel
	sample, together        int            // the first of the samples that are packed, and how many these are but for the last ones
	packed                  *int8Workspace // their quads, vectors and corrections, and the totals (oc/16, c/16, kh, kw, c%16) × 16

	places, rowQuads int // of dy: in a plane, and quads in a row
	rows             int // of a block's quads, for each remainder to the stride
	quad             int // bytes of a quad of places of x, all columns of taps
	sampleQuads      int // bytes of a sample's quads
	perBlock         int // totals of two blocks
}

// int8QuadBytes is the number of bytes that are packed before they are summed, which stay in the second-level cache.
const int8QuadBytes = 1 << 19

// run computes the gradient for some blocks of inputs.
func (c *int8BlockedGradient) run(lo, hi, threads int) {
	c.first, c.blocks = lo, hi-lo
	c.packed = getInt8Workspace()
	defer c.packed.release()
	c.lay()
	pack, sum := c.pack, c.sum
	for ; c.sample < c.N; c.sample += c.together {
		parallel.Share(c.slots(), 1, threads, pack)
		parallel.For(c.parts(), 1, threads, sum)
	}
	parallel.ForEvenly(c.OC, 1, threads, c.store)
}

func (c *int8BlockedGradient) lay() {
	c.g = blockedForwardSource(c.Conv)
	c.g.int8Whole()
	c.g.blocks = c.blocks
	c.channels = int8PartsInOrder(c.blocks, c.H*c.W*blockChannels)
	vectors := int8VectorsFor(c.OC)
	c.kernel = int8BlockedOuter(vectors, c.KW, c.double)
	c.places, c.rowQuads = c.OH()*c.OW(), c.OW()/quadPlaces
	c.rows = (c.g.rows + c.StrideH - 1) / c.StrideH
	c.quad = 4 * blockChannels * c.KW
	c.sampleQuads = c.blocks * c.blockQuads()
	c.perBlock = c.KH * c.KW * blockChannels * blockChannels
	c.together = min(max(int8QuadBytes/(c.sampleQuads+c.OC*c.places), 1), c.N)
	grow(&c.packed.placeQuads, c.together*c.sampleQuads)
	grow(&c.packed.vectors, c.together*c.OC*c.places)
	grow(&c.packed.corrections, c.together*c.OC)
	if totals := c.OC / blockChannels * c.blocks * c.perBlock; c.double {
		clear(grow(&c.packed.double, totals))
	} else {
		clear(grow(&c.packed.single, totals))
	}
}

// slots is the number of samples that are packed.
func (c *int8BlockedGradient) slots() int { return min(c.together, c.N-c.sample) }

// blockQuads is the number of bytes of the quads of a block of x.
func (c *int8BlockedGradient) blockQuads() int {
	return min(c.StrideH, c.KH) * c.rows * c.rowQuads * c.quad
}

// pack packs some of the samples.
func (c *int8BlockedGradient) pack(work *parallel.Work) {
	w, copies := getInt8Workspace(), c.g.int8Copies()
	defer w.release()
	source := copies.take()
	defer copies.give(source)
	for lo, hi, ok := work.Next(); ok; lo, hi, ok = work.Next() {
		for slot := lo; slot < hi; slot++ {
			c.packSlot(w, source.elements, slot)
		}
	}
}

func (c *int8BlockedGradient) packSlot(w *int8Workspace, source []byte, slot int) {
	c.packInputs(w, source, c.sample+slot, c.packed.placeQuads[slot*c.sampleQuads:])
	c.packErrors(w, c.sample+slot, c.packed.vectors[slot*c.OC*c.places:], c.packed.corrections[slot*c.OC:])
}

// packInputs turns a sample of x into quads of places, once for each column of taps; rows that follow each other for one
// row of taps, those of a remainder to the stride, lie one behind the other.
func (c *int8BlockedGradient) packInputs(w *int8Workspace, source []byte, n int, quads []byte) {
	size := c.H * c.W * blockChannels
	w.int8FillPlaces(&c.g, source, c.x[(n*c.C/blockChannels+c.first)*size:][:c.blocks*size], c.channels)
	read := (c.OH()-1)*c.StrideH + c.KH // rows of the copy
	for block := range c.blocks {
		for r := range min(c.StrideH, c.KH) {
			for kw := range c.KW {
				w.pack.src[0] = unsafe.Pointer(&source[c.g.at(block, r, kw)])
				w.pack.dst = unsafe.Pointer(&quads[block*c.blockQuads()+r*c.rows*c.rowQuads*c.quad+4*blockChannels*kw])
				w.pack.rows, w.pack.vectors, w.pack.dstPitch = (read-r+c.StrideH-1)/c.StrideH, c.rowQuads, c.quad
				w.pack.srcPitch = (c.StrideH*c.g.columns - c.StrideW*c.OW()) * blockChannels
				int8Quads(&w.pack, c.StrideW)
			}
		}
	}
}

// packErrors turns a sample's errors into quads, and sums them for what 128 times too much each gives.
func (c *int8BlockedGradient) packErrors(w *int8Workspace, n int, vectors []int8, corrections []int32) {
	for block := range c.OC / blockChannels {
		to := vectors[block*c.places*blockChannels:]
		w.pack.src[0], w.pack.dst = unsafe.Pointer(&c.dy[(n*c.OC+block*blockChannels)*c.places]), unsafe.Pointer(&to[0])
		w.pack.rows, w.pack.vectors, w.pack.srcPitch, w.pack.dstPitch = 1, c.places/quadPlaces, 0, 4*blockChannels
		int8Quads(&w.pack, 1)
		w.outer.vectors, w.outer.pitch, w.outer.lines = unsafe.Pointer(&to[0]), 4*blockChannels, c.places/quadPlaces
		w.outer.output = unsafe.Pointer(&corrections[block*blockChannels])
		int8Negative(&w.outer)
	}
}

// groups is the number of groups of input channels that a kernel takes.
func (c *int8BlockedGradient) groups() int { return c.blocks * blockChannels / c.kernel.channels }

// parts is the number of parts of the gradient that are summed by themselves: rows of taps × input channels of a kernel ×
// output channels of one.
func (c *int8BlockedGradient) parts() int {
	return c.KH * c.groups() * (c.OC / blockChannels / c.kernel.blocks)
}

// sum adds what the packed samples have for some parts.
func (c *int8BlockedGradient) sum(lo, hi int) {
	w, packed := getInt8Workspace(), c.packed
	defer w.release()
	t := &w.blockedOuter
	blocks, size := c.blocks, 4
	if c.double {
		size = 8
	}
	t.pitch, t.vectorPitch, t.quads = blocks*c.perBlock*size, c.places*blockChannels, c.OH()*c.rowQuads
	for i := lo; i < hi; i++ {
		kh, channel, o := i%c.KH, i/c.KH%c.groups()*c.kernel.channels, i/c.KH/c.groups()*c.kernel.blocks
		at := (o*blocks+channel/blockChannels)*c.perBlock + (kh*c.KW*blockChannels+channel%blockChannels)*blockChannels
		if c.double {
			t.output = unsafe.Pointer(&packed.double[at])
		} else {
			t.output = unsafe.Pointer(&packed.single[at])
		}
		row := kh%c.StrideH*c.rows + kh/c.StrideH
		from := channel/blockChannels*c.blockQuads() + row*c.rowQuads*c.quad + channel%blockChannels*4
		for slot := range c.slots() {
			t.source = unsafe.Pointer(&packed.placeQuads[slot*c.sampleQuads+from])
			t.vectors = unsafe.Pointer(&packed.vectors[(slot*c.OC+o*blockChannels)*c.places])
			t.corrections = unsafe.Pointer(&packed.corrections[slot*c.OC+o*blockChannels])
			t.scale = float64(power(exponentOf(c.xExponents, c.sample+slot) + exponentOf(c.dyExponents, c.sample+slot)))
			c.kernel.run(t)
		}
	}
}

// store puts the totals of some output channels into their places.
func (c *int8BlockedGradient) store(lo, hi int) {
	taps := c.KH * c.KW
	for o := lo; o < hi; o++ {
		from := o/blockChannels*c.blocks*c.perBlock + o%blockChannels
		for channel := range c.blocks * blockChannels {
			to := c.dw[(o*c.C+c.first*blockChannels+channel)*taps:][:taps]
			at := from + (channel/blockChannels*taps*blockChannels+channel%blockChannels)*blockChannels
			for tap := range to {
				if c.double {
					to[tap] = float32(c.packed.double[at+tap*blockChannels*blockChannels])
				} else {
					to[tap] = c.packed.single[at+tap*blockChannels*blockChannels]
				}
			}
		}
	}
}
