package number

import "math"

// grid is the grid of one block, and how values are rounded to it.
type grid struct {
	format Format
	step   float64
	zero   int32
	lo, hi int64 // codes
}

// overflowsFloat32 is the least number that rounding to float32 makes infinite, halfway to 2^128 (and even there).
const overflowsFloat32 = 1<<128 - 1<<103

// grid returns the grid of a block with the given step and zero point. Its codes are those of the format whose values
// are finite in float32, so that in every type of tensor a block has the same codes.
func (f Format) grid(step float64, zero int32) grid {
	g := grid{format: f, step: step, zero: zero}
	g.lo, g.hi = f.CodeRange()
	z := int64(zero)
	if farthest := max(z-g.lo, g.hi-z); float64(farthest)*step >= overflowsFloat32/2 {
		q := divide(overflowsFloat32, step)
		if q.top == 0 && !q.rest {
			q.floor--
		}
		if !q.far {
			g.lo, g.hi = max(g.lo, z-q.floor), min(g.hi, z+q.floor)
		}
	}
	return g
}

// Round returns the code of x on the grid (code - zero) * step, and whether overflow acted. The random bits r are a
// draw of 16 bits, of which srN uses the top N; other roundings ignore them. It is the definition that all faster
// code follows, exact for every x, and a pure function. The step is positive and finite. In formats whose codes are bit
// patterns, the code is that of x/step, and the zero point is not read. Formats without codes (float32, exact) give
// code 0, and so do those whose blocks have more than a step and a zero point (see Scales.Points).
func (f Format) Round(x, step float64, zero int32, r uint32) (code int64, clipped bool) {
	if f.width == 0 {
		return 0, false
	}
	c := cell{format: f}
	if l, ok := f.spec().(liner); ok {
		if l.points(f) > 0 {
			return 0, false
		}
		c.line = l.line(f, blockValues{step: step, zero: zero})
	}
	if c.line == nil {
		c.grid = f.grid(step, zero)
	}
	p, clipped := c.round(x, r)
	return c.code(p), clipped
}

// offsets returns the range of code - zero.
func (g *grid) offsets() (lo, hi float64) {
	return float64(g.lo - int64(g.zero)), float64(g.hi - int64(g.zero))
}

func (g *grid) round(x float64, r uint32) (code int64, clipped bool) {
	switch {
	case math.IsNaN(x):
		return int64(g.zero), false
	case math.IsInf(x, 0):
		return g.beyond(x), true
	}
	q := divide(x, g.step)
	if q.far && g.format.overflow != Wrap {
		return g.beyond(x), true
	}
	code = q.floor + int64(g.zero)
	if g.format.rounding.up(q, math.Signbit(x), r) {
		code++
	}
	limited, clipped := g.limit(code)
	return limited, clipped || q.far
}

// beyond is the code of an x far outside the codes.
func (g *grid) beyond(x float64) int64 {
	switch {
	case g.format.overflow == Zero:
		return int64(g.zero)
	case x < 0:
		return g.lo
	default:
		return g.hi
	}
}

// limit applies the overflow mode to a rounded code.
func (g *grid) limit(code int64) (limited int64, clipped bool) {
	if code >= g.lo && code <= g.hi {
		return code, false
	}
	switch g.format.overflow {
	case Wrap:
		code = g.format.wrap(code)
	case Zero:
		return int64(g.zero), true
	}
	return min(max(code, g.lo), g.hi), true
}

// wrap returns the code of the format that equals code modulo 2^width.
func (f Format) wrap(code int64) int64 {
	shift := 64 - f.width
	if f.unsigned {
		return int64(uint64(code) << shift >> shift)
	}
	return code << shift >> shift
}

// Limit applies the overflow mode to an integer code: the rule of accumulators, whose codes are sums of products.
func (f Format) Limit(code int64) (limited int64, clipped bool) {
	if f.width == 0 {
		return code, false
	}
	g := f.grid(1, 0)
	return g.limit(code)
}
