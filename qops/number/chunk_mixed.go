package number

import "github.com/halftone-go/halftone/internal/kernel"

// columns holds the grids of all blocks of a tensor in which neighbours lie in different blocks, as in the columns of a
// matrix. After a period of Count*Inner elements, the blocks begin again.
type columns struct {
	grids   []grid    // of the blocks
	steps   []float64 // of the elements of a period
	factors []float64 // the inverses of the steps if exact, else the steps
	exact   bool      // all steps are powers of two
	plain   bool      // the products of offsets and steps in float64 lose nothing that the tensor's type has
	fast    bool      // the offsets of all blocks have one range, and the method is not to go element by element
	lo, hi  float64   // of the offsets

	kernel *kernel.Steps // what the kernels take, nil if they cannot do it
}

func newColumns[T Float](f Format, blocks Blocks, scales *Scales) *columns {
	n := blocks.Count
	c := &columns{grids: make([]grid, n), exact: true, plain: true, fast: methodOf(f) != exactly}
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
	}
	c.steps = make([]float64, 0, n*blocks.Inner)
	for b := range c.grids {
		for range blocks.Inner {
			c.steps = append(c.steps, c.grids[b].step)
		}
	}
	c.factors = c.steps
	if c.exact {
		c.factors = make([]float64, len(c.steps))
		for i, step := range c.steps {
			c.factors[i] = inversePowerOfTwo(step)
		}
	}
	return c
}

// mixed quantizes the elements lo to hi with a grid each.
func (c *chunk[T]) mixed(lo, hi int) {
	c.load(lo, hi)
	columns := c.task.columns
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

// periods calls body for the pieces of a range that lie in one period each: n elements, of which the first is the
// element at of the range, and has the given place in its period.
func periods(lo, hi, period int, body func(at, place, n int)) {
	for at := lo; at < hi; {
		place := at % period
		n := min(period-place, hi-at)
		body(at-lo, place, n)
		at += n
	}
}

// divideMixed is divide with the steps of the elements' own blocks.
func (c *chunk[T]) divideMixed() {
	columns := c.task.columns
	periods(c.start, c.start+len(c.x), len(columns.steps), func(at, place, n int) {
		x, quotients, factors := c.x[at:at+n], c.quotients[at:at+n], columns.factors[place:place+n]
		if columns.exact {
			for i, v := range x {
				quotients[i] = float64(v) * factors[i]
			}
			return
		}
		for i, v := range x {
			quotients[i] = float64(v) / factors[i]
		}
	})
}

// storeMixed is store with the grids of the elements' own blocks.
func (c *chunk[T]) storeMixed(lo, hi int) {
	columns := c.task.columns
	if codes := c.task.out.codes; codes != nil {
		for i, offset := range c.offsets[:hi-lo] {
			zero := columns.grids[c.task.blocks.Of(lo+i)].zero
			codes[lo+i] = int32(offset + int64(zero))
		}
		return
	}
	periods(lo, hi, len(columns.steps), func(at, place, n int) {
		offsets, steps, values := c.offsets[at:at+n], columns.steps[place:place+n], c.task.out.values[lo+at:lo+at+n]
		if columns.plain {
			for i, offset := range offsets {
				values[i] = T(float64(offset)*steps[i]) + 0
			}
			return
		}
		for i, offset := range offsets {
			values[i] = value[T](offset, steps[i])
		}
	})
}
