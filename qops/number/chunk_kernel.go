package number

import "github.com/halftone-go/halftone/internal/kernel/round"

// kernelGrid returns the grid of the block as the kernels take it, if they can do this rounding.
func (c *chunk[T]) kernelGrid() (round.Grid, bool) {
	f := c.task.format
	if !isFloat32[T]() || c.method == exactly || !f.overflow.saturates() || f.width > maxFloat32Width ||
		c.task.out.values == nil && c.task.clipped != nil {
		return round.Grid{}, false
	}
	g := round.Grid{Step: c.grid.step, Zero: c.grid.zero, Lo: int32(c.grid.lo), Hi: int32(c.grid.hi)}
	return g, g.Fits()
}

// byKernel leaves the elements lo to hi, float32 numbers in one block, to the kernels.
func (c *chunk[T]) byKernel(lo, hi int, g round.Grid) {
	for lo < hi {
		next := hi
		if c.task.clipped != nil {
			next = nextMultiple(lo, hi, windowLength)
		}
		c.keep(lo, next)
		c.count(lo, next, c.roundKernel(lo, next, g))
		lo = next
	}
}

func (c *chunk[T]) roundKernel(lo, hi int, g round.Grid) round.Counts {
	t := c.task
	rounding, _ := kernelRounding(t.format.rounding)
	random := round.Random{Draw: t.draw, Order: t.order, Start: t.start + lo, Bits: t.format.rounding.Bits()}
	src := any(t.src[lo:hi]).([]float32)
	if t.out.codes != nil {
		return round.Codes(t.out.codes[lo:hi], src, g, rounding, random)
	}
	return round.Values(any(t.out.values[lo:hi]).([]float32), src, g, rounding, random)
}

// nextMultiple returns the first multiple of length behind at, or end if that comes before it.
func nextMultiple(at, end, length int) int { return min(end, (at/length+1)*length) }
