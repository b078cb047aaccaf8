package number

import "github.com/halftone-go/halftone/internal/kernel"

// kernelGrid returns the grid of the block as the kernels take it, if they can do this rounding.
func (c *chunk[T]) kernelGrid() (kernel.Grid, bool) {
	f := c.task.format
	if !isFloat32[T]() || c.method == exactly || !f.overflow.saturates() || f.width > maxFloat32Width ||
		c.task.out.values == nil && c.task.clipped != nil {
		return kernel.Grid{}, false
	}
	g := kernel.Grid{Step: c.grid.step, Zero: c.grid.zero, Lo: int32(c.grid.lo), Hi: int32(c.grid.hi)}
	return g, g.Fits()
}

// byKernel leaves the elements lo to hi, float32 numbers in one block, to the kernels.
func (c *chunk[T]) byKernel(lo, hi int, g kernel.Grid) {
	var counts kernel.Counts
	if c.task.clipped == nil {
		counts = c.roundKernel(lo, hi, g)
		lo = hi
	}
	for lo < hi {
		next := nextMultiple(lo, hi, windowLength)
		c.scratch = append(c.scratch[:0], c.task.src[lo:next]...) // the values may take the place of the elements
		piece := c.roundKernel(lo, next, g)
		if piece.Clipped > 0 {
			c.mark(lo, next)
		}
		counts.Add(piece)
		lo = next
	}
	c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
}

func (c *chunk[T]) roundKernel(lo, hi int, g kernel.Grid) kernel.Counts {
	t := c.task
	rounding, _ := kernelRounding(t.format.rounding)
	random := kernel.Random{Draw: t.draw, Order: t.order, Start: t.start + lo, Bits: t.format.rounding.Bits()}
	src := any(t.src[lo:hi]).([]float32)
	if t.out.codes != nil {
		return kernel.RoundCodes(t.out.codes[lo:hi], src, g, rounding, random)
	}
	return kernel.Round(any(t.out.values[lo:hi]).([]float32), src, g, rounding, random)
}

// mark finds the elements lo to hi that the kernel clipped among those that became the ends of the range.
func (c *chunk[T]) mark(lo, hi int) {
	if c.method == stochastic {
		c.random = c.window.bits(lo, hi)
	}
	zero := int64(c.grid.zero)
	lowest, highest := value[T](c.grid.lo-zero, c.grid.step), value[T](c.grid.hi-zero, c.grid.step)
	for i, v := range c.task.out.values[lo:hi] {
		if v != lowest && v != highest {
			continue
		}
		var r uint32
		if c.random != nil {
			r = uint32(c.random[i])
		}
		_, c.task.clipped[lo+i] = c.grid.round(float64(c.scratch[i]), r)
	}
}

// nextMultiple returns the first multiple of length behind at, or end if that comes before it.
func nextMultiple(at, end, length int) int { return min(end, (at/length+1)*length) }
