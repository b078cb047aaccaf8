package number

// points quantizes the elements lo to hi, each in the cell of its block, one by one where neither a kernel nor a
// table takes the block.
func (c *chunk[T]) points(lo, hi int) {
	for lo < hi {
		if end := c.task.blocks.RunEnd(lo, hi); end-lo >= shortRun {
			if cell := c.cellAt(lo); cell.line != nil && (c.byShift(lo, end) || c.byMinifloat(lo, end, cell) || c.byTable(lo, end, cell)) {
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
			end := c.task.blocks.RunEnd(lo, next)
			c.cellPoints(c.cellAt(lo), lo, end)
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

// cellAt returns the cell of the element's block.
func (c *chunk[T]) cellAt(element int) *cell {
	t := c.task
	block := t.blocks.Of(element)
	switch {
	case len(t.cells) > 0:
		return &t.cells[block]
	case t.recipe.whole && t.scales.Step[block] == t.format.fixedStep():
		return &t.recipe.cell
	case t.recipe.sharing && t.recipe.lined:
		c.shifted = newQPyTorchBlock(t.format, t.scales.Step[block])
		c.cell = cell{format: t.format, line: &c.shifted}
	default:
		c.cell = cellOf(t.format, t.scales, block)
	}
	return &c.cell
}

// makeCells makes the cells of all blocks, unless there is one for all of them, or they cost nothing.
func (t *task[T]) makeCells() {
	if t.recipe.whole || t.recipe.sharing && t.recipe.lined {
		return
	}
	for b := range t.blocks.Count {
		t.cells = append(t.cells, cellOf(t.format, t.scales, b))
	}
}
