package number

// cell rounds the elements of one block, of formats of every kind.
type cell struct {
	format Format
	grid   grid // where line is nil
	line   line
}

// cellOf returns the cell of a block.
func cellOf(f Format, s *Scales, block int) cell {
	if l, ok := f.spec().(liner); ok {
		if line := l.line(f, s.values(f, block)); line != nil {
			return cell{format: f, line: line}
		}
	}
	return cell{format: f, grid: f.grid(s.Step[block], s.zero(block))}
}

// lined reports whether the blocks of the format have lines and not grids.
func (f Format) lined() bool {
	l, ok := f.spec().(liner)
	return ok && l.line(f, blockValues{step: 1, points: make([]float64, l.points(f))}) != nil
}

// round returns the point of x for random bits r, and whether overflow acted.
func (c *cell) round(x float64, r uint32) (p point, clipped bool) {
	if c.line != nil {
		return c.format.roundPoint(c.line, x, r)
	}
	code, clipped := c.grid.round(x, r)
	return point{ordinal: code - int64(c.grid.zero)}, clipped
}

// code returns the code of a point.
func (c *cell) code(p point) int64 {
	if c.line != nil {
		return c.line.code(p)
	}
	return p.ordinal + int64(c.grid.zero)
}

// point returns the point of a code, if it is one of the format's.
func (c *cell) point(code int64) (p point, ok bool) {
	if c.line != nil {
		return c.line.point(code)
	}
	lo, hi := c.format.CodeRange()
	return point{ordinal: code - int64(c.grid.zero)}, code >= lo && code <= hi
}

// cellValue returns the value of a point in T.
func cellValue[T Float](c *cell, p point) T {
	if c.line != nil {
		return valueOf[T](c.line, p)
	}
	return value[T](p.ordinal, c.grid.step)
}
