package number

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel/round"
)

// minifloatOf returns a line as the kernels of small floats take it, if it is one and they can do the format's rounding.
func minifloatOf(f Format, l line) (round.Minifloat, bool) {
	float, ok := l.(floatLine)
	scale := 0
	if ok {
		fraction, exponent := math.Frexp(float.step)
		ok, scale = fraction == 0.5, exponent-1
	}
	if _, known := kernelRounding(f.rounding); !ok || !known {
		return round.Minifloat{}, false
	}
	g := round.Minifloat{
		Mantissa: float.mantissa, MinExponent: float.minExponent, Scale: scale, Max: uint32(float.most),
		SignedZero: float.signedZero(), Width: int(f.width),
	}
	for i, negative := range []bool{false, true} {
		beyond := f.beyond(float, negative)
		finite := beyond
		if f.overflow == Infinity && f.rounding.inward(negative) {
			finite = end(float, negative)
		}
		g.Infinity[i], g.InfinityCode[i] = minifloatPoint(float, beyond)
		g.Over[i], g.OverCode[i] = minifloatPoint(float, finite)
	}
	g.NaN, g.NaNCode = minifloatPoint(float, float.special(notANumber, false))
	return g, g.Fits()
}

// minifloatPoint returns the value of a point at a scale of 1, and the code.
func minifloatPoint(l floatLine, p point) (value float32, code uint16) {
	l.step = 1
	return valueOf[float32](l, p), uint16(l.code(p))
}

// kernelRounding returns a rounding as the kernels take it, if they have it.
func kernelRounding(r Rounding) (round.Mode, bool) {
	switch r {
	case NearestEven:
		return round.NearestEven, true
	case Floor:
		return round.Floor, true
	default:
		return round.Stochastic, r.Stochastic()
	}
}

// byMinifloat leaves the elements lo to hi, float32 numbers in one block with the line, to the kernels, if they take it.
func (c *chunk[T]) byMinifloat(lo, hi int, cell *cell) bool {
	f, l := c.task.format, cell.line
	if !isFloat32[T]() || c.task.out.codes != nil && f.width > 16 {
		return false
	}
	g, ok := c.task.recipe.minifloat, c.task.recipe.float
	if cell != &c.task.recipe.cell {
		g, ok = minifloatOf(f, l)
	}
	if !ok {
		return false
	}
	rounding, _ := kernelRounding(f.rounding)
	src := any(c.task.src).([]float32)
	for lo < hi {
		next := hi
		if c.task.clipped != nil || c.task.out.codes != nil {
			next = nextMultiple(lo, hi, windowLength)
		}
		if c.task.clipped != nil {
			c.scratch = append(c.scratch[:0], c.task.src[lo:next]...) // the values may take the place of the elements
		}
		random := round.Random{Draw: c.task.draw, Order: c.task.order, Start: c.task.start + lo, Bits: f.rounding.Bits()}
		var counts round.Counts
		if codes := c.task.out.codes; codes != nil {
			c.words = resize(c.words, next-lo)
			counts = round.MinifloatCodes(c.words, src[lo:next], g, rounding, random)
			for i, code := range c.words {
				codes[lo+i] = int32(code)
			}
		} else {
			counts = round.MinifloatValues(any(c.task.out.values[lo:next]).([]float32), src[lo:next], g, rounding, random)
		}
		if c.task.clipped != nil && counts.Clipped > 0 {
			c.markPoints(lo, next, l)
		}
		c.stats.Add(Stats{Clipped: counts.Clipped, Underflowed: counts.Underflowed, NaN: counts.NaN, Inf: counts.Inf})
		lo = next
	}
	return true
}

// markPoints finds the elements lo to hi that the kernel clipped: those that the definition clips, among the ones whose
// magnitude could be rounded beyond the largest value.
func (c *chunk[T]) markPoints(lo, hi int, l line) {
	_, most := l.limits()
	largest := math.Abs(valueOf[float64](l, point{ordinal: most}))
	var random []uint16
	if c.task.format.Stochastic() {
		random = c.window.bits(lo, hi)
	}
	for i, x := range c.scratch {
		if !(math.Abs(float64(x)) > largest) {
			continue
		}
		var r uint32
		if random != nil {
			r = uint32(random[i])
		}
		_, c.task.clipped[lo+i] = c.task.format.roundPoint(l, float64(x), r)
	}
}
