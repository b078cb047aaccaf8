package number

import "github.com/halftone-go/halftone/internal/kernel/parallel"

// fitScales fills the scales of a kind whose blocks' values depend on all of their elements.
func fitScales[T Float](f Format, fit fitter, src []T, scales *Scales, blocks Blocks, threads int) {
	scales.fill(blocks, 0)
	if f.zeroAuto {
		scales.Zero = resize(scales.Zero, blocks.Count)
	}
	points := 0
	if l, ok := f.spec().(liner); ok {
		points = l.points(f)
	}
	scales.Points = resize(scales.Points, points*blocks.Count)
	elements := gather(src, blocks)
	parallel.For(blocks.Count, 1, threads, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			v := fit.fit(f, elements[b], max(threads/blocks.Count, 1))
			scales.Step[b] = v.step
			copy(scales.Points[b*points:][:points], v.points)
			if f.zeroAuto {
				scales.Zero[b] = v.zero
			}
		}
	})
}

// gather returns the elements of each block, in order.
func gather[T Float](src []T, blocks Blocks) [][]float64 {
	sizes := make([]int, blocks.Count)
	for e := 0; e < len(src); {
		end := blocks.RunEnd(e, len(src))
		sizes[blocks.Of(e)] += end - e
		e = end
	}
	all := make([]float64, len(src))
	out := make([][]float64, blocks.Count)
	for b, n := range sizes {
		out[b], all = all[:0:n], all[n:]
	}
	for e := 0; e < len(src); {
		end, b := blocks.RunEnd(e, len(src)), blocks.Of(e)
		for _, x := range src[e:end] {
			out[b] = append(out[b], float64(x))
		}
		e = end
	}
	return out
}

// fixedStep is the step of blocks that do not depend on their elements.
func (f Format) fixedStep() float64 {
	if step := f.Step(); step != 0 {
		return step
	}
	return 1
}
