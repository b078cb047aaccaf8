package number

import "github.com/halftone-go/halftone/internal/kernel/round"

// columns holds the grids of all blocks of a tensor in which neighbours lie in different blocks, as in the columns of a
// matrix. After a period of Count*Inner elements, the blocks begin again. Its memory is kept from one tensor to the next.
type columns[T Float] struct {
	grids   []grid    // of the blocks
	steps   []float64 // of the elements of a period
	factors []float64 // the inverses of the steps if exact, else the steps
	inverse []float64 // memory for these
	exact   bool      // all steps are powers of two
	plain   bool      // the products of offsets and steps in float64 lose nothing that the tensor's type has
	fast    bool      // the offsets of all blocks have one range, and the method is not to go element by element
	lo, hi  float64   // of the offsets

	kernel   round.Steps // what the kernels take, if byKernel
	byKernel bool
}

func (c *columns[T]) set(f Format, blocks Blocks, scales *Scales) {
	n := blocks.Count
	c.exact, c.plain, c.fast = true, true, methodOf(f) != exactly
	c.grids, c.steps = resize(c.grids, n), resize(c.steps, n*blocks.Inner)
	for b := range c.grids {
		g := f.grid(scales.Step[b], scales.zero(b))
		lo, hi := g.offsets()
		if b == 0 {
			c.lo, c.hi = lo, hi
		}
		c.fast = c.fast && lo == c.lo && hi == c.hi
		c.plain = c.plain && plainStep[T](g.step)
		c.exact = c.exact && inversePowerOfTwo(g.step) != 0
		c.grids[b] = g
		for i := range blocks.Inner {
			c.steps[b*blocks.Inner+i] = g.step
		}
	}
	c.factors = c.steps
	if c.exact {
		c.inverse = resize(c.inverse, len(c.steps))
		c.factors = c.inverse
		for i, step := range c.steps {
			c.factors[i] = inversePowerOfTwo(step)
		}
	}
}

// mixed quantizes the elements lo to hi with a grid each.
func (c *chunk[T]) mixed(lo, hi int) {
	c.load(lo, hi)
	columns := &c.task.columns
	if columns.fast {
		c.divideMixed()
		c.round(columns.lo, columns.hi, columns.exact)
	} else {
		for i := range c.x {
			c.exactly(i)
		}
	}
	c.storeMixed(lo, hi)
}

// pieceOf returns the place of the element lo in its period, and the number of elements to the end of the period, or hi.
func pieceOf(lo, hi, period int) (place, n int) {
	place = lo % period
	return place, min(period-place, hi-lo)
}

// divideMixed is divide with the steps of the elements' own blocks.
func (c *chunk[T]) divideMixed() {
	columns := &c.task.columns
	for at := 0; at < len(c.x); {
		place, n := pieceOf(c.start+at, c.start+len(c.x), len(columns.steps))
		x, quotients, factors := c.x[at:at+n], c.quotients[at:at+n], columns.factors[place:place+n]
		at += n
		if columns.exact {
			for i, v := range x {
				quotients[i] = float64(v) * factors[i]
			}
			continue
		}
		for i, v := range x {
			quotients[i] = float64(v) / factors[i]
		}
	}
}

// storeMixed is store with the grids of the elements' own blocks.
func (c *chunk[T]) storeMixed(lo, hi int) {
	columns := &c.task.columns
	if codes := c.task.out.codes; codes != nil {
		for i, offset := range c.offsets[:hi-lo] {
			zero := columns.grids[c.task.blocks.Of(lo+i)].zero
			codes[lo+i] = int32(offset + int64(zero))
		}
		return
	}
	for at := lo; at < hi; {
		place, n := pieceOf(at, hi, len(columns.steps))
		offsets, steps, values := c.offsets[at-lo:at-lo+n], columns.steps[place:place+n], c.task.out.values[at:at+n]
		at += n
		if columns.plain {
			for i, offset := range offsets {
				values[i] = T(float64(offset)*steps[i]) + 0
			}
			continue
		}
		for i, offset := range offsets {
			values[i] = value[T](offset, steps[i])
		}
	}
}
