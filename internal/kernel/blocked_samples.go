package kernel

import (
	"sync"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// PackedConvBlocked is PackedConv by Sequence on blocks: with its weight packed once, samples are computed a few at a time.
type PackedConvBlocked struct {
	kernel       blockedTileKernel
	source       blockedSource
	copies       *paddedCopies[float32]
	inputs       int  // elements of a sample
	outputs      int  // likewise
	samples      int  // how many there are
	reset        bool // results start from zero
	correlations []blockedCorrelation
	packed       workspace[float32] // the correlations' weights, distances and segments
}

// TakesBlocks reports whether a forward convolution can run on blocks, which PackedConvBlocked and ConvForwardBlocked do.
func (p Conv) TakesBlocks() bool {
	flat := p.flat()
	g := blockedForwardSource(flat)
	return flat.hasBlocks(&g, flat.OW()) && (g.place > 1 || p.StrideW == 1)
}

// DataTakesBlocks is TakesBlocks for the gradient with respect to x.
func (p Conv) DataTakesBlocks() bool {
	p = p.flat()
	vertical, horizontal := p.classes()
	g := blockedErrors(p, vertical, horizontal)
	return p.hasBlocks(&g, p.W/p.StrideW) && p.C%blockChannels == 0
}

// WeightTakesBlocks is TakesBlocks for the gradient with respect to the weight.
func (p Conv) WeightTakesBlocks() bool {
	p = p.flat()
	g := blockedForwardSource(p)
	return p.hasBlocks(&g, quadPlaces) && (g.place > 1 || p.StrideW == 1)
}

// classes are those of the rows and of the columns of x.
func (p Conv) classes() (vertical, horizontal axisClasses) {
	return classesOf(p.H, p.KH, p.PadTop, p.StrideH, p.DilationH), classesOf(p.W, p.KW, p.PadLeft, p.StrideW, p.DilationW)
}

// lay says where the samples lie, and their copies.
func (c *PackedConvBlocked) lay(g blockedSource, samples, inputs, outputs int) {
	c.source, c.samples, c.inputs, c.outputs = g, samples, inputs, outputs
	c.copies = copiesOf(g.asKey(), g.size(), float32(0))
	c.correlations, c.packed.segments = c.correlations[:0], c.packed.segments[:0]
}

// asKey tells apart the shapes of copies, of blocks and of planes.
func (g *blockedSource) asKey() padded {
	return padded{planes: g.blocks, height: g.height, width: g.width, top: g.top, left: g.left, rows: g.rows, columns: g.columns, groups: -g.place}
}

// Run computes the samples lo to hi of out from those of in: y from x, or dx from dy. Calls for other samples may run at
// the same time.
func (c *PackedConvBlocked) Run(out, in []float32, lo, hi int) {
	if len(out) != c.samples*c.outputs || len(in) != c.samples*c.inputs {
		panic(badLength)
	}
	local := getWorkspace[float32]()
	defer local.release()
	var source []float32
	if !c.source.isSource() {
		room := c.copies.take()
		defer c.copies.give(room)
		source = room.elements
	}
	for n := lo; n < hi; n++ {
		sample, result := in[n*c.inputs:(n+1)*c.inputs], out[n*c.outputs:(n+1)*c.outputs]
		if c.source.isSource() {
			source = sample
		} else {
			c.source.fill(source, sample, 0, c.source.blocks)
		}
		if c.reset {
			clear(result)
		}
		for i := range c.correlations {
			c.correlations[i].run(&local.blocked, c.kernel, result, source)
		}
	}
}

// runAll computes all samples, on several threads.
func (c *PackedConvBlocked) runAll(out, in []float32, threads int) {
	parallel.Share(c.samples, 1, threads, func(w *parallel.Work) {
		for lo, hi, ok := w.Next(); ok; lo, hi, ok = w.Next() {
			c.Run(out, in, lo, hi)
		}
	})
}

var packedConvsBlocked = sync.Pool{New: func() any { return new(PackedConvBlocked) }}
