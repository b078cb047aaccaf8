package number

import "math"

// round fills the offsets from the quotients, for offsets in lo to hi. Quotients are exact or rounded to float64.
//
// A rounded quotient is on the same side of every float64 number as the exact one, or on the number itself, so only
// quotients that look like a threshold of the rounding can mislead; these, like NaN, infinities and what the other
// overflow modes have to bring into range, are left to the definition.
func (c *chunk[T]) round(lo, hi float64, exact bool) {
	switch c.method {
	case nearestEven:
		c.roundNearest(lo, hi, exact)
	case floor:
		c.roundFloor(lo, hi, exact)
	case stochastic:
		c.roundStochastic(lo, hi, exact)
	}
}

func (c *chunk[T]) roundNearest(lo, hi float64, exact bool) {
	for i, q := range c.quotients[:len(c.x)] {
		whole := math.RoundToEven(q)
		switch {
		case !exact && math.Abs(q-whole) == 0.5:
			c.exactly(i)
		case whole >= lo && whole <= hi:
			c.offsets[i] = int64(whole)
			if whole == 0 && c.x[i] != 0 {
				c.stats.Underflowed++
			}
		default:
			c.outside(i, q, lo, hi)
		}
	}
}

func (c *chunk[T]) roundFloor(lo, hi float64, exact bool) {
	for i, q := range c.quotients[:len(c.x)] {
		whole := math.Floor(q)
		switch {
		case whole == q && c.x[i] != 0 && (!exact || q == 0):
			c.exactly(i)
		case whole >= lo && whole <= hi:
			c.offsets[i] = int64(whole)
			if whole == 0 && c.x[i] != 0 {
				c.stats.Underflowed++
			}
		default:
			c.outside(i, q, lo, hi)
		}
	}
}

func (c *chunk[T]) roundStochastic(lo, hi float64, exact bool) {
	bits := c.task.format.rounding.Bits()
	scale, drop := float64(int64(1)<<bits), randomBits-bits
	for i, q := range c.quotients[:len(c.x)] {
		if !(q >= lo && q < hi+1) {
			if q < lo && q > lo-1 { // may round up into the range
				c.exactly(i)
			} else {
				c.outside(i, q, lo, hi)
			}
			continue
		}
		scaled := q * scale
		whole := math.Floor(scaled)
		if whole == scaled && c.x[i] != 0 && (!exact || q == 0) {
			c.exactly(i)
			continue
		}
		offset := (int64(whole) + int64(c.random[i]>>drop)) >> bits
		if float64(offset) > hi {
			c.outside(i, hi+1, lo, hi)
			continue
		}
		c.offsets[i] = offset
		if offset == 0 && c.x[i] != 0 {
			c.stats.Underflowed++
		}
	}
}

// outside brings an element into range whose quotient q rounds to less than lo or more than hi.
func (c *chunk[T]) outside(i int, q, lo, hi float64) {
	if !c.task.format.overflow.saturates() || q-q != 0 {
		c.exactly(i)
		return
	}
	c.offsets[i] = int64(hi)
	if q < lo {
		c.offsets[i] = int64(lo)
	}
	c.stats.Clipped++
	if c.task.clipped != nil {
		c.task.clipped[c.start+i] = true
	}
}
