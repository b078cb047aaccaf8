package number

import "github.com/halftone-go/halftone/internal/kernel/round"

// kernelRun is the least number of elements that kernels are given at a time where there are more: periods that are
// shorter are repeated.
const kernelRun = 512

// repeats is how often a period is repeated to make a run for the kernels.
func repeats(period int) int { return ceilDivide(kernelRun, period) }

// setKernel finds out whether the kernels take the columns, for values or codes.
func (c *columns[T]) setKernel(f Format, codes bool) {
	c.byKernel = false
	if !isFloat32[T]() || !c.fast || !c.plain || !f.overflow.saturates() || f.width > maxFloat32Width {
		return
	}
	first := c.grids[0]
	for _, g := range c.grids {
		if codes && g.zero != first.zero { // values depend on the ranges of offsets alone, and these are the same
			return
		}
	}
	c.byKernel = c.kernel.Set(c.steps, repeats(len(c.steps)), round.Grid{Zero: first.zero, Lo: int32(first.lo), Hi: int32(first.hi)})
}

// columnsByKernel leaves the elements lo to hi to the kernels.
func (c *chunk[T]) columnsByKernel(lo, hi int) {
	t := c.task
	period := len(t.columns.steps)
	rounding, _ := kernelRounding(t.format.rounding)
	src := any(t.src).([]float32)
	for lo < hi {
		place, n := pieceOf(lo, hi, period*repeats(period))
		next := lo + n
		c.keep(lo, next)
		if t.out.codes != nil {
			c.count(lo, next, round.CodesEach(t.out.codes[lo:next], src[lo:next], &t.columns.kernel, place, rounding, c.randomFrom(lo)))
		} else {
			c.count(lo, next, round.ValuesEach(any(t.out.values).([]float32)[lo:next], src[lo:next], &t.columns.kernel, place, rounding, c.randomFrom(lo)))
		}
		lo = next
	}
}
