package number

import "github.com/halftone-go/halftone/internal/kernel"

// kernelGrid returns the grid of the block as the kernels take it, if they can do this rounding.
func (c *chunk[T]) kernelGrid() (kernel.Grid, bool) {
	f := c.task.format
	if !isFloat32[T]() || c.task.out.values == nil || c.method == exactly || !c.plain ||
		!f.overflow.saturates() || f.width > maxFloat32Width {
		return kernel.Grid{}, false
	}
	g := kernel.Grid{Step: c.grid.step, Zero: c.grid.zero, Lo: int32(c.grid.lo), Hi: int32(c.grid.hi)}
	return g, g.Fits()
}

// byKernel leaves the elements lo to hi, float32 numbers in one block, to the kernels.
func (c *chunk[T]) byKernel(lo, hi int, g kernel.Grid) {
	var counts kernel.Counts
	if c.method != stochastic && c.task.clipped == nil {
		counts = c.roundKernel(lo, hi, nil, g)
		lo = hi
	}
	for lo < hi {
		next := nextMultiple(lo, hi, windowLength)
		c.random = nil
		if c.method == stochastic {
			c.random = c.window.bits(lo, next)
		}
		if c.task.clipped != nil {
			c.scratch = append(c.scratch[:0], c.task.src[lo:next]...) // the values may take the place of the elements
		}
		piece := c.roundKernel(lo, next, c.random, g)
		if c.task.clipped != nil && piece.Clipped > 0 {
			c.mark(lo, next)
		}
		counts.Add(piece)
		lo = next
	}
	c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
}

func (c *chunk[T]) roundKernel(lo, hi int, random []uint16, g kernel.Grid) kernel.Counts {
	dst, src := any(c.task.out.values[lo:hi]).([]float32), any(c.task.src[lo:hi]).([]float32)
	switch c.method {
	case nearestEven:
		return kernel.RoundNearest(dst, src, g)
	case floor:
		return kernel.RoundFloor(dst, src, g)
	default:
		return kernel.RoundStochastic(dst, src, random, c.task.format.rounding.Bits(), g)
	}
}

// mark finds the elements lo to hi that the kernel clipped among those that became the ends of the range.
func (c *chunk[T]) mark(lo, hi int) {
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
