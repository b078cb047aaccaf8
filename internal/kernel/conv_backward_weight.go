package kernel

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// ConvBackwardWeight computes dw, the gradient with respect to w, from x and dy:
//
//	dw[o,c,p,q] = Σ over n  Σ over (i, j)  dy[n,o,i,j] · x[n, c, i·StrideH - PadTop + p·DilationH, j·StrideW - PadLeft + q·DilationW]
//
// Sequence and Blockwise are the same here: one sample's positions in row-major Sequence from +0, then the samples' sums
// added in ascending order to a total that starts at +0. Whole is exact over everything, rounded once. Positions in the
// padding enter as zeros.
func ConvBackwardWeight[T Float](p Conv, dw, x, dy []T, sum Sum, threads int) {
	p.Check(len(x), len(dw), len(dy))
	if sum == Whole && size[T]() == 4 {
		convBackwardWeight[T, float64](p, dw, x, dy, threads)
		return
	}
	convBackwardWeight[T, T](p, dw, x, dy, threads)
}

// convBackwardWeight is ConvBackwardWeight on elements of T by arithmetic in E.
func convBackwardWeight[T, E Float](p Conv, dw, x, dy []T, threads int) {
	g := weightGradientOf[T, E](p.flat())
	g.dw, g.x, g.dy = dw, x, dy
	g.run(threads)
}

// weightGradient is the gradient of a convolution's weight, in tiles of output channels and panels of terms.
type weightGradient[T, E Float] struct {
	Conv
	dw, x, dy []T
	kernel    outerKernel
	source    padded        // of a sample
	panels    int           // of the kernel's rows
	most      int           // samples that are packed at a time
	first     int           // of these
	shared    *workspace[E] // by all threads
}

// packedBytes is how many bytes of inputs and errors are packed before they are multiplied. Each thread packs some samples
// and multiplies some channels of all of them, so that none is packed twice.
const packedBytes = 1 << 18

func weightGradientOf[T, E Float](p Conv) *weightGradient[T, E] {
	g := &weightGradient[T, E]{Conv: p, kernel: outerFor[E](p.OC), source: forwardSource(p)}
	g.panels = (g.terms() + g.kernel.rows - 1) / g.kernel.rows
	g.most = min(max(packedBytes/(size[E]()*(g.source.size()+g.tiles()*g.vectors())), 1), p.N)
	return g
}

func (g *weightGradient[T, E]) tiles() int { return (g.OC + g.kernel.lanes - 1) / g.kernel.lanes }
func (g *weightGradient[T, E]) terms() int { return g.C * g.KH * g.KW }

// vectors is the number of errors of a sample in a tile, rectangle that of the totals of a panel in one.
func (g *weightGradient[T, E]) vectors() int   { return g.OH() * g.OW() * g.kernel.lanes }
func (g *weightGradient[T, E]) rectangle() int { return g.kernel.rows * g.kernel.lanes }

func (g *weightGradient[T, E]) run(threads int) {
	g.shared = getWorkspace[E]()
	defer g.shared.release()
	forwardOffsets(grow(&g.shared.offsets, g.terms()), g.Conv, &g.source)
	clear(grow(&g.shared.source, g.most*g.source.size()))
	clear(grow(&g.shared.weights, g.tiles()*g.most*g.vectors()))
	units := g.tiles() * g.panels
	clear(grow(&g.shared.result, units*g.rectangle()))
	pack, add := g.pack, g.add
	for g.first = 0; g.first < g.N; g.first += g.most {
		parallel.For(min(g.most, g.N-g.first), 1, threads, pack)
		parallel.For(units, max(units/16, 1), threads, add)
	}
	g.store(threads)
}

// pack packs the samples lo to hi of those whose turn it is.
func (g *weightGradient[T, E]) pack(lo, hi int) {
	area, lanes := g.OH()*g.OW(), g.kernel.lanes
	for s := lo; s < hi; s++ {
		n := g.first + s
		fill(&g.source, g.shared.source[s*g.source.size():], g.x[n*g.C*g.H*g.W:(n+1)*g.C*g.H*g.W])
		for tile := range g.tiles() {
			channel := tile * lanes
			Transpose(g.shared.weights[(tile*g.most+s)*g.vectors():], lanes, g.dy[(n*g.OC+channel)*area:], area, min(lanes, g.OC-channel), area)
		}
	}
}

// add adds the sums of the packed samples to the totals of the panels lo to hi, which are those of one tile after the other.
func (g *weightGradient[T, E]) add(lo, hi int) {
	local := getWorkspace[E]()
	defer local.release()
	bytes, lanes := size[E](), g.kernel.lanes
	t := &local.outer
	t.pitch, t.step = lanes*bytes, bytes
	t.skip = (g.StrideH*g.source.groups*g.source.pitch - g.OW()) * bytes
	for s := range min(g.most, g.N-g.first) {
		source := g.shared.source[s*g.source.size():]
		for i := lo; i < hi; i++ {
			tile, row := i/g.panels, i%g.panels*g.kernel.rows
			for r := range g.kernel.rows {
				t.rows[r] = unsafe.Pointer(&source[g.shared.offsets[min(row+r, g.terms()-1)]])
			}
			t.vectors = unsafe.Pointer(&g.shared.weights[(tile*g.most+s)*g.vectors()])
			t.output = unsafe.Pointer(&g.shared.result[i*g.rectangle()])
			t.lines, t.columns = g.OH(), g.OW()
			g.kernel.run(t)
		}
	}
}

// store rounds the totals, and puts them in their places.
func (g *weightGradient[T, E]) store(threads int) {
	lanes := g.kernel.lanes
	parallel.For(g.OC, 16, threads, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			from := g.shared.result[o/lanes*g.panels*g.rectangle()+o%lanes:]
			to := g.dw[o*g.terms() : (o+1)*g.terms()]
			for i := range to {
				to[i] = T(from[i*lanes])
			}
		}
	})
}
