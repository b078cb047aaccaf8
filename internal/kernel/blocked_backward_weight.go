package kernel

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ConvBackwardWeightBlocked is ConvBackwardWeight by Sequence, with dy in blocks and x too, or in planes if C is no multiple
// of 16. It reports whether it did the work, which it does where OC is a multiple of 16 and strides are 1 or 2. Errors in
// blocks are vectors as they lie there.
func ConvBackwardWeightBlocked(p Conv, dw, x, dy []float32, threads int) bool {
	p.Check(len(x), len(dw), len(dy))
	if !p.WeightTakesBlocks() {
		return false
	}
	g := blockedGradientOf(p)
	shared := getWorkspace[float32]()
	defer shared.release()
	total := grow(&shared.result, g.size())
	clear(total)
	// Each thread takes a range of input channels, or of output channels, and all samples in order.
	parallel.ForEvenly(g.units, 1, threads, func(lo, hi int) {
		room := g.room()
		defer g.leave(room)
		for n := range p.N {
			g.add(&room, total, x, dy, n, lo, hi)
		}
	})
	g.store(dw, total, threads)
	return true
}

// blockedGradient is the gradient of a convolution's weight as totals that samples' sums are added to. They lie in the order
// (oc/16, c, kh, kw) × 16 for x in planes, and (oc/16, c/16, kh, kw, c%16) × 16 for x in blocks.
type blockedGradient struct {
	Conv
	source blockedSource
	copies *paddedCopies[float32]
	kernel blockedOuterKernel // for x in blocks
	taps   int                // that it takes at a time
	planes outerKernel        // for x in planes, with vectors of 16 output channels
	units  int                // parts of the totals; one after the other they have the output channels of a group of inputs
}

func blockedGradientOf(p Conv) blockedGradient {
	p = p.flat()
	g := blockedGradient{Conv: p, source: blockedForwardSource(p), taps: 1}
	g.copies = copiesOf(g.source.asKey(), g.source.size(), float32(0))
	if g.source.place == 1 {
		g.planes = float32Outer(blockChannels)
		g.units = g.panels() * p.OC / blockChannels
		return g
	}
	if p.KW == 3 && p.DilationW == 1 {
		g.taps = 3
	}
	g.kernel = blockedOuter(p.OC, g.taps)
	g.units = p.C / g.kernel.channels * g.groups()
	return g
}

// terms is the number of totals of an output channel, size that of all.
func (g *blockedGradient) terms() int { return g.C * g.KH * g.KW }
func (g *blockedGradient) size() int  { return g.OC * g.terms() }

// groups is the number of groups of output channels, panels that of groups of terms.
func (g *blockedGradient) groups() int { return g.OC / (g.kernel.blocks * blockChannels) }
func (g *blockedGradient) panels() int { return (g.terms() + g.planes.rows - 1) / g.planes.rows }

// gradientRoom is what one goroutine sums in.
type gradientRoom struct {
	*workspace[float32]
	copy *paddedCopy[float32]
}

func (g *blockedGradient) room() gradientRoom {
	return gradientRoom{getWorkspace[float32](), g.copies.take()}
}

func (g *blockedGradient) leave(r gradientRoom) {
	r.release()
	g.copies.give(r.copy)
}

// add adds the sums of sample n to the totals of the units lo to hi.
func (g *blockedGradient) add(r *gradientRoom, total, x, dy []float32, n, lo, hi int) {
	inputs, outputs := g.C*g.H*g.W, g.OC*g.OH()*g.OW()
	sample, errors := x[n*inputs:(n+1)*inputs], dy[n*outputs:(n+1)*outputs]
	if g.source.place == 1 {
		g.source.fill(r.copy.elements, sample, 0, g.source.blocks)
		g.addPlanes(r.workspace, total, r.copy.elements, errors, lo, hi)
		return
	}
	source := sample
	if !g.source.isSource() {
		source = r.copy.elements
		channels, groups := g.kernel.channels, g.groups()
		g.source.fill(source, sample, lo/groups*channels/blockChannels, (hi-1)/groups*channels/blockChannels+1)
	}
	g.addBlocks(r.workspace, total, source, errors, lo, hi)
}

// addBlocks is add for a copy of x in blocks.
func (g *blockedGradient) addBlocks(w *workspace[float32], total, source, dy []float32, lo, hi int) {
	oh, ow, groups := g.OH(), g.OW(), g.groups()
	perBlock := g.KH * g.KW * blockChannels * blockChannels // totals of a block of either
	t := &w.blockedOuter
	t.step = g.StrideW * blockBytes
	t.skip = g.StrideH*g.source.columns*blockBytes - ow*t.step
	t.vectorPitch, t.pitch = oh*ow*blockBytes, g.C/blockChannels*perBlock*4
	for i := lo; i < hi; i++ {
		c, o := i/groups*g.kernel.channels, i%groups*g.kernel.blocks
		t.vectors = unsafe.Pointer(&dy[o*oh*ow*blockChannels])
		for kh := range g.KH {
			for kw := 0; kw < g.KW; kw += g.taps {
				t.source = unsafe.Pointer(&source[g.source.term(g.Conv, c, kh, kw)])
				at := (o*g.C/blockChannels+c/blockChannels)*perBlock + ((kh*g.KW+kw)*blockChannels+c%blockChannels)*blockChannels
				t.output = unsafe.Pointer(&total[at])
				t.lines, t.columns = oh, ow
				g.kernel.run(t)
			}
		}
	}
}

// addPlanes is add for a copy of x in planes.
func (g *blockedGradient) addPlanes(w *workspace[float32], total, source, dy []float32, lo, hi int) {
	oh, ow, rows := g.OH(), g.OW(), g.planes.rows
	terms, panels := g.terms(), g.panels()
	scratch := grow(&w.scratch, rows*blockChannels)
	t := &w.outer
	t.step, t.skip, t.pitch = 4, 4*(g.StrideH*g.source.columns-ow), blockBytes
	for i := lo; i < hi; i++ {
		o, first := i/panels, i%panels*rows
		for row := range rows {
			term := min(first+row, terms-1)
			t.rows[row] = unsafe.Pointer(&source[g.source.term(g.Conv, term/(g.KH*g.KW), term/g.KW%g.KH, term%g.KW)])
		}
		// The last rows may be fewer than the kernel has.
		place := total[(o*terms+first)*blockChannels:][:min(rows, terms-first)*blockChannels]
		out := place
		if len(place) < len(scratch) {
			out = scratch
			copy(out, place)
		}
		t.output = unsafe.Pointer(&out[0])
		t.vectors = unsafe.Pointer(&dy[o*oh*ow*blockChannels])
		t.lines, t.columns = oh, ow
		g.planes.run(t)
		if len(place) < len(scratch) {
			copy(place, out)
		}
	}
}

// store puts the totals in their places.
func (g *blockedGradient) store(dw, total []float32, threads int) {
	terms, taps := g.terms(), g.KH*g.KW
	parallel.For(g.OC, blockChannels, threads, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			from, to := total[o/blockChannels*terms*blockChannels+o%blockChannels:], dw[o*terms:(o+1)*terms]
			for i := range to {
				at := i
				if g.source.place > 1 {
					c, tap := i/taps, i%taps
					at = (c/blockChannels*taps+tap)*blockChannels + c%blockChannels
				}
				to[i] = from[at*blockChannels]
			}
		}
	})
}
