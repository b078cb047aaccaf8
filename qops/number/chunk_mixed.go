package number

// columns holds the grids of all blocks of a tensor in which neighbours lie in different blocks, as in the columns of a
// matrix.
type columns struct {
	grids   []grid
	factors []float64 // the inverses of the steps if exact, else the steps
	exact   bool      // all steps are powers of two
	plain   bool      // all steps are float32 numbers
	fast    bool      // all steps are within the bounds, and the offsets have one range
	lo, hi  float64   // of the offsets
}

func newColumns(f Format, scales *Scales) *columns {
	n := scales.Blocks.Count
	c := &columns{grids: make([]grid, n), factors: make([]float64, n), exact: true, plain: true, fast: methodOf(f) != exactly}
	for b := range c.grids {
		g := f.grid(scales.Step[b], scales.zero(b))
		lo, hi := g.offsets()
		if b == 0 {
			c.lo, c.hi = lo, hi
		}
		c.fast = c.fast && fastStep(g.step) && lo == c.lo && hi == c.hi
		c.plain = c.plain && float64(float32(g.step)) == g.step
		c.exact = c.exact && inversePowerOfTwo(g.step) != 0
		c.grids[b] = g
	}
	for b, g := range c.grids {
		c.factors[b] = g.step
		if c.exact {
			c.factors[b] = inversePowerOfTwo(g.step)
		}
	}
	return c
}

// cursor walks over elements and knows their block.
type cursor struct {
	blocks      Blocks
	block, left int
}

func newCursor(blocks Blocks, element int) cursor {
	return cursor{blocks, blocks.Of(element), blocks.Inner - element%blocks.Inner}
}

func (c *cursor) next() {
	if c.left--; c.left > 0 {
		return
	}
	c.left = c.blocks.Inner
	if c.block++; c.block == c.blocks.Count {
		c.block = 0
	}
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

// divideMixed is divide with the steps of the elements' own blocks.
func (c *chunk[T]) divideMixed() {
	at, factors := newCursor(c.task.blocks, c.start), c.task.columns.factors
	quotients := c.quotients[:len(c.x)]
	if c.task.columns.exact {
		for i, x := range c.x {
			quotients[i] = float64(x) * factors[at.block]
			at.next()
		}
		return
	}
	for i, x := range c.x {
		quotients[i] = float64(x) / factors[at.block]
		at.next()
	}
}

// storeMixed is store with the grids of the elements' own blocks.
func (c *chunk[T]) storeMixed(lo, hi int) {
	at, grids := newCursor(c.task.blocks, lo), c.task.columns.grids
	offsets := c.offsets[:hi-lo]
	if codes := c.task.out.codes; codes != nil {
		codes = codes[lo:hi]
		for i, offset := range offsets {
			codes[i] = int32(offset + int64(grids[at.block].zero))
			at.next()
		}
		return
	}
	values := c.task.out.values[lo:hi]
	if !isFloat32[T]() || c.task.columns.plain {
		for i, offset := range offsets {
			values[i] = T(float64(offset)*grids[at.block].step) + 0
			at.next()
		}
		return
	}
	for i, offset := range offsets {
		values[i] = value[T](offset, grids[at.block].step)
		at.next()
	}
}
