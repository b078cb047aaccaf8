package mac

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ConvBackwardWeight is kernel.ConvBackwardWeight with the interior of its sums as m says. Terms are taken in the order
// (n, i, j), one sum over all samples; blocks and trees do not reach from one sample into the next.
func ConvBackwardWeight[E kernel.Float](p kernel.Conv, dw, x, dy []E, m Arithmetic, threads int) {
	p.Check(len(x), len(dw), len(dy))
	r := newRule[E](m)
	parts := min(max(threads, 1), p.C)
	parallel.For(parts, 1, threads, func(lo, hi int) {
		for part := lo; part < hi; part++ {
			weightGradient(p, r, dw, x, dy, p.C*part/parts, p.C*(part+1)/parts)
		}
	})
}

// weightGradient computes the gradient of the input channels from to to.
func weightGradient[E kernel.Float](p kernel.Conv, r *macRule, dw, x, dy []E, from, to int) {
	whole := p
	p.C = to - from
	g := forwardPlanes(p)
	area := p.OH() * p.OW()
	pitch := roundedUp(area, r.order.length())
	offsets := forwardOffsets(p, &g)
	tiles, groups := (len(offsets)+macRows-1)/macRows, (p.OC+macLanes-1)/macLanes
	w := newMemory[E](r, g.size(), groups*pitch*macLanes, pitch)
	sums := make([]E, tiles*groups*macRows*macLanes)
	factors := make([]E, macRows*pitch)
	outputs := outputs{p.OH(), p.OW(), p.StrideH * g.columns, p.StrideW}
	for n := range p.N {
		fillPlanes(&g, w.source, x[(n*whole.C+from)*p.H*p.W:(n*whole.C+to)*p.H*p.W])
		for group := range groups {
			first := group * macLanes
			kernel.Transpose(w.vectors[group*pitch*macLanes:], macLanes, dy[(n*p.OC+first)*area:], area, min(macLanes, p.OC-first), area)
		}
		for tile := range tiles {
			for i := range min(macRows, len(offsets)-tile*macRows) {
				gatherRows(&outputs, factors[i*pitch:][:area], w.source[offsets[tile*macRows+i]:])
			}
			w.rows(factors, pitch, 0, min(macRows, len(offsets)-tile*macRows))
			for group := range groups {
				w.args.vectors = unsafe.Pointer(&w.vectors[group*pitch*macLanes])
				w.args.sums = unsafe.Pointer(&sums[(tile*groups+group)*macRows*macLanes])
				r.tile(&w.args, int(unsafe.Sizeof(E(0))), pitch)
			}
		}
	}
	for o := range p.OC {
		to := dw[(o*whole.C+from)*p.KH*p.KW:][:len(offsets)]
		for i := range to {
			to[i] = sums[((i/macRows*groups+o/macLanes)*macRows+i%macRows)*macLanes+o%macLanes]
		}
	}
}

// gatherRows copies the source at the places of all outputs.
func gatherRows[E kernel.Float](o *outputs, dst, source []E) {
	for row := range o.height {
		to, from := dst[row*o.width:][:o.width], source[row*o.rowStep:]
		if o.columnStep == 1 {
			copy(to, from)
			continue
		}
		for i := range to {
			to[i] = from[i*o.columnStep]
		}
	}
}
