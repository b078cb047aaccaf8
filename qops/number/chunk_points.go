package number

// points quantizes the elements lo to hi, each in the cell of its block, one by one where neither a kernel nor a
// table takes the block.
func (c *chunk[T]) points(lo, hi int) {
	for lo < hi {
		if end := c.task.blocks.runEnd(lo, hi); end-lo >= shortRun {
			if cell := c.task.cell(lo); cell.line != nil && (c.byShift(lo, end, cell.line) || c.byMinifloat(lo, end, cell.line) || c.byTable(lo, end, cell)) {
				lo = end
				continue
			}
		}
		next := nextMultiple(lo, hi, chunkLength)
		c.start, c.x = lo, c.task.src[lo:next]
		if c.task.format.Stochastic() {
			c.random = c.window.bits(lo, next)
		}
		for lo < next {
			end := c.task.blocks.runEnd(lo, next)
			c.cellPoints(c.task.cell(lo), lo, end)
			lo = end
		}
	}
}

// cellPoints quantizes the elements lo to hi, which lie in the cell.
func (c *chunk[T]) cellPoints(cell *cell, lo, hi int) {
	out, clippedAt := c.task.out, c.task.clipped
	for e := lo; e < hi; e++ {
		var r uint32
		if c.random != nil {
			r = uint32(c.random[e-c.start])
		}
		x := float64(c.task.src[e])
		p, clipped := cell.round(x, r)
		c.stats.note(x, clipped, p.class == ordinary && p.ordinal == 0)
		if clipped && clippedAt != nil {
			clippedAt[e] = true
		}
		if out.codes != nil {
			out.codes[e] = int32(cell.code(p))
		} else {
			out.values[e] = cellValue[T](cell, p)
		}
	}
}

// cell returns the cell of the element's block.
func (t *task[T]) cell(element int) *cell {
	block := t.blocks.Of(element)
	if t.cells != nil {
		return &t.cells[block]
	}
	c := cellOf(t.format, t.scales, block)
	return &c
}

// newCells returns the cells of all blocks.
func newCells(f Format, blocks Blocks, scales *Scales) []cell {
	cells := make([]cell, blocks.Count)
	for b := range cells {
		cells[b] = cellOf(f, scales, b)
	}
	return cells
}
