package number

import (
	"slices"

	"github.com/halftone-go/halftone/internal/kernel"
)

// kernelRun is the least number of elements that kernels are given at a time where there are more: periods that are
// shorter are repeated.
const kernelRun = 512

// repeats is how often a period is repeated to make a run for the kernels.
func repeats(period int) int { return ceilDivide(kernelRun, period) }

// kernelSteps returns the steps of the columns as the kernels take them, nil if they cannot do this.
func (c *columns) kernelSteps(f Format, is32 bool, codes bool) *kernel.Steps {
	if !is32 || !c.fast || !c.plain || !f.overflow.saturates() || f.width > maxFloat32Width {
		return nil
	}
	first := c.grids[0]
	for _, g := range c.grids {
		if codes && g.zero != first.zero { // values depend on the ranges of offsets alone, and these are the same
			return nil
		}
	}
	steps, ok := kernel.NewSteps(slices.Repeat(c.steps, repeats(len(c.steps))), kernel.Grid{Zero: first.zero, Lo: int32(first.lo), Hi: int32(first.hi)})
	if !ok {
		return nil
	}
	return steps
}

// columnsByKernel leaves the elements lo to hi to the kernels.
func (c *chunk[T]) columnsByKernel(lo, hi int) {
	t := c.task
	period := len(t.columns.steps)
	rounding, _ := kernelRounding(t.format.rounding)
	random := kernel.Random{Draw: t.draw, Order: t.order, Bits: t.format.rounding.Bits()}
	var counts kernel.Counts
	periods(lo, hi, period*repeats(period), func(at, place, n int) {
		at += lo
		random.Start = t.start + at
		src := any(t.src[at : at+n]).([]float32)
		if t.out.codes != nil {
			counts.Add(kernel.RoundCodesEach(t.out.codes[at:at+n], src, t.columns.kernel, place, rounding, random))
			return
		}
		counts.Add(kernel.RoundEach(any(t.out.values[at:at+n]).([]float32), src, t.columns.kernel, place, rounding, random))
	})
	c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
}
