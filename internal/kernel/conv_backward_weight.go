package kernel

import "unsafe"

// ConvBackwardWeight computes dw, the gradient with respect to w, from x and dy:
//
//	dw[o,c,p,q] = Σ over n  Σ over (i, j)  dy[n,o,i,j] · x[n, c, i·StrideH - PadTop + p·DilationH, j·StrideW - PadLeft + q·DilationW]
//
// Sequence and Blockwise are the same here: one sample's positions in row-major Sequence from +0, then the samples' sums
// added in ascending order to a total that starts at +0. Whole is exact over everything, rounded once. Positions in the
// padding enter as zeros.
func ConvBackwardWeight[T Float](p Conv, dw, x, dy []T, sum Sum, threads int) {
	p.check(len(x), len(dw), len(dy))
	if sum == Whole && size[T]() == 4 {
		convBackwardWeight[T, float64](p, dw, x, dy, threads)
		return
	}
	convBackwardWeight[T, T](p, dw, x, dy, threads)
}

// convBackwardWeight is ConvBackwardWeight on elements of T by arithmetic in E. Each thread computes the gradient of a
// range of output channels and input channels over all samples.
func convBackwardWeight[T, E Float](p Conv, dw, x, dy []T, threads int) {
	p = p.flat()
	kernel := outerFor[E](p.OC)
	tiles := (p.OC + kernel.lanes - 1) / kernel.lanes
	across := min(threads, tiles)
	down := min(max(threads/max(across, 1), 1), p.C)
	across = max(across, 1)
	Parallel(across*down, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			part := weightGradient{
				oc: [2]int{tiles * (i % across) / across * kernel.lanes, min(tiles*(i%across+1)/across*kernel.lanes, p.OC)},
				c:  [2]int{p.C * (i / across) / down, p.C * (i/across + 1) / down},
			}
			weightGradientPart[T, E](p, part, kernel, dw, x, dy)
		}
	})
}

// weightGradient is a part of the gradient: ranges of output channels and input channels.
type weightGradient struct{ oc, c [2]int }

func weightGradientPart[T, E Float](p Conv, part weightGradient, kernel outerKernel, dw, x, dy []T) {
	local := getWorkspace[E]()
	defer local.release()
	lanes, bytes := kernel.lanes, size[E]()
	whole := p
	p.C = part.c[1] - part.c[0]
	g := forwardSource(p)
	oh, ow := p.OH(), p.OW()
	area := oh * ow
	channels := part.oc[1] - part.oc[0]
	tiles := (channels + lanes - 1) / lanes
	terms := p.C * p.KH * p.KW
	offsets := forwardOffsets(grow(&local.offsets, terms), p, &g)
	rows := (terms + kernel.rows - 1) / kernel.rows * kernel.rows

	source := grow(&local.source, g.size())
	clear(source)
	vectors := grow(&local.weights, tiles*area*lanes)
	clear(vectors)
	total := grow(&local.result, tiles*rows*lanes)
	clear(total)
	for n := range p.N {
		fill(&g, source, x[(n*whole.C+part.c[0])*p.H*p.W:(n*whole.C+part.c[1])*p.H*p.W])
		for tile := range tiles {
			first := part.oc[0] + tile*lanes
			transpose(vectors[tile*area*lanes:], lanes, dy[(n*p.OC+first)*area:], area, min(lanes, part.oc[1]-first), area)
			t := &local.outer
			t.pitch, t.step = lanes*bytes, bytes
			t.skip = (p.StrideH*g.groups*g.pitch - ow) * bytes
			for row := 0; row < rows; row += kernel.rows {
				for i := range kernel.rows {
					t.rows[i] = unsafe.Pointer(&source[offsets[min(row+i, terms-1)]])
				}
				t.vectors = unsafe.Pointer(&vectors[tile*area*lanes])
				t.output = unsafe.Pointer(&total[(tile*rows+row)*lanes])
				t.lines, t.columns = oh, ow
				kernel.run(t)
			}
		}
	}
	for o := range channels {
		from := total[o/lanes*rows*lanes+o%lanes:]
		to := dw[((part.oc[0]+o)*whole.C+part.c[0])*p.KH*p.KW:][:terms]
		for i := range to {
			to[i] = T(from[i*lanes])
		}
	}
}
