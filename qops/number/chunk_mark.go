package number

import "github.com/halftone-go/halftone/internal/kernel/round"

// keep copies the elements lo to hi, at most windowLength, if count will look for those that were clipped: the values may
// take the place of the elements.
func (c *chunk[T]) keep(lo, hi int) {
	if c.task.clipped != nil {
		c.scratch = append(c.scratch[:0], c.task.src[lo:hi]...)
	}
}

// count counts what a kernel did to the elements lo to hi, and marks those that it clipped: they are among those that
// became the ends of their block's range.
func (c *chunk[T]) count(lo, hi int, counts round.Counts) {
	t := c.task
	c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
	if t.clipped == nil || counts.Clipped == 0 {
		return
	}
	for at := lo; at < hi; {
		block, end := t.blocks.Of(at), t.blocks.RunEnd(at, hi)
		step, zero := t.scales.Step[block], t.scales.zero(block)
		g := t.format.grid(step, zero)
		lowest, highest := value[T](g.lo-int64(zero), step), value[T](g.hi-int64(zero), step)
		if t.format.compat == qpytorch {
			c.shifted = newQPyTorchBlock(t.format, step)
		}
		for e := at; e < end; e++ {
			if v := t.out.values[e]; v != lowest && v != highest {
				continue
			}
			var r uint32
			if t.format.Stochastic() {
				r = uint32(c.window.bits(e, e+1)[0])
			}
			x := float64(c.scratch[e-lo])
			if t.format.compat == qpytorch {
				_, t.clipped[e] = c.shifted.round(x, r)
			} else {
				_, t.clipped[e] = g.round(x, r)
			}
		}
		at = end
	}
}
