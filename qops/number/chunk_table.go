package number

import "math"

// byTable quantizes the elements lo to hi, float32 numbers in one cell, by a table if it has one.
func (c *chunk[T]) byTable(lo, hi int, cell *cell) bool {
	if !isFloat32[T]() {
		return false
	}
	src := any(c.task.src).([]float32)
	switch l := cell.line.(type) {
	case sparseLine:
		c.sparse(lo, src[lo:hi], l, cell)
		return true
	case binaryLine:
		c.signs(lo, src[lo:hi], l)
		return true
	}
	t := c.tableOf(lo, cell)
	if t == nil {
		return false
	}
	for lo < hi {
		next := nextMultiple(lo, hi, chunkLength)
		c.start, c.x, c.random = lo, c.task.src[lo:next], nil
		if c.task.format.Stochastic() {
			c.random = c.window.bits(lo, next)
		}
		c.lookUp(lo, src[lo:next], t, cell)
		lo = next
	}
	return true
}

// blockTable is the table of the block that was quantized last, nil if it has none.
type blockTable struct {
	block int
	known bool
	table *table
}

// tableOf returns the table of the cell that the element lies in, or nil.
func (c *chunk[T]) tableOf(element int, cell *cell) *table {
	block := c.task.blocks.Of(element)
	if !c.table.known || c.table.block != block {
		c.table = blockTable{block, true, tableOf(cell, len(c.task.src)/c.task.blocks.Count)}
	}
	return c.table.table
}

// lookUp quantizes the elements x, the first of which is element lo of the tensor.
func (c *chunk[T]) lookUp(lo int, x []float32, t *table, cell *cell) {
	bits := uint(cell.format.rounding.Bits())
	underflowed := 0
	codes := c.task.out.codes
	var values []float32
	if codes == nil {
		values = any(c.task.out.values).([]float32)[lo:][:len(x)]
	} else {
		codes = codes[lo:][:len(x)]
	}
	for i, v := range x {
		if !(v >= t.low && v <= t.high) {
			c.cellPoints(cell, lo+i, lo+i+1)
			continue
		}
		k := t.index(v)
		if bits > 0 && v != t.values[k] {
			up, sure := t.up(k, v, uint32(c.random[i]), bits)
			if !sure {
				c.cellPoints(cell, lo+i, lo+i+1)
				continue
			}
			k += up
		}
		if k == t.zero && v != 0 {
			underflowed++
		}
		if codes != nil {
			codes[i] = t.codes[k]
		} else {
			values[i] = t.values[k]
		}
	}
	c.stats.Underflowed += uint64(underflowed)
}

// up tells whether stochastic rounding takes the value after k, 1 or 0, unless the way from k to it is so near to a
// multiple of 2^-16 that float64 cannot tell.
func (t *table) up(k int, x float32, random uint32, bits uint) (up int, sure bool) {
	const doubt = 0x1p-24 // the error is below 2^-33
	above := float64(x) - float64(t.values[k])
	way := float64(above * t.perGap[k])
	top := math.Floor(way)
	if rest := way - top; rest < doubt || rest > 1-doubt {
		_, lost := subtract(float64(x), float64(t.values[k]))
		if powerOfTwo := math.Float64bits(t.perGap[k])<<12 == 0; lost != 0 || !powerOfTwo { // else there is no error
			return 0, false
		}
	}
	drop := randomBits - bits
	return int((uint32(top)>>drop + random>>drop) >> bits), true
}

// sparse quantizes the elements x, the first of which is element lo of the tensor, by threshold sparsity.
func (c *chunk[T]) sparse(lo int, x []float32, l sparseLine, cell *cell) {
	for i, v := range x {
		if !(math.Abs(float64(v)) <= math.MaxFloat32) {
			c.cellPoints(cell, lo+i, lo+i+1)
			continue
		}
		if math.Abs(float64(v)) < l.threshold {
			if v != 0 {
				c.stats.Underflowed++
			}
			v = 0
		}
		if codes := c.task.out.codes; codes != nil {
			codes[lo+i] = int32(math.Float32bits(v))
		} else {
			c.task.out.values[lo+i] = T(v)
		}
	}
}

// signs quantizes the elements x, the first of which is element lo of the tensor, to binary values.
func (c *chunk[T]) signs(lo int, x []float32, l binaryLine) {
	values := [2]T{value[T](-1, l.a), value[T](1, l.a)}
	for i, v := range x {
		code := 1
		if v < 0 {
			code = 0
		}
		if !(v >= -1 && v <= 1) {
			c.stats.note(float64(v), v == v, false)
			if c.task.clipped != nil {
				c.task.clipped[lo+i] = v == v
			}
		}
		if codes := c.task.out.codes; codes != nil {
			codes[lo+i] = int32(code)
		} else {
			c.task.out.values[lo+i] = values[code]
		}
	}
}
