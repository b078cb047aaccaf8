package round

import (
	"math"
	"math/bits"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// roundBlock is the plain form of rounding one block. It returns the block's exponent.
func roundBlock[O output](t *Tiles, dst []O, src []float32, r Mode, used int, random []uint16, counts *Counts) int16 {
	var largest uint32
	spoilt := false
	for _, x := range src {
		switch magnitude := math.Float32bits(x) &^ signBit; {
		case magnitude < infinityBits:
			largest = max(largest, magnitude)
		case magnitude > infinityBits:
			spoilt = t.NaNSpreads
		}
	}
	if spoilt {
		for i, x := range src {
			switch {
			case x != x:
				counts.NaN++
			case isInfinite(x):
				counts.Inf++
			}
			put(&dst[i], special{value: float32(math.NaN())})
		}
		return NaNExponent
	}
	k := t.exponent(math.Float32frombits(largest))
	if t.Linear {
		grid := newLinearGrid(t, k, r, used)
		for i, x := range src {
			put(&dst[i], grid.round(x, bitsOf(r, random, i), counts))
		}
	} else {
		f := t.Element
		f.Scale += k
		grid := newFloatGrid(f, r, used)
		counts.Add(roundAll(&grid, dst, src, random))
	}
	return int16(k)
}

// bitsOf returns the random bits of an element, if the rounding uses any.
func bitsOf(r Mode, random []uint16, i int) uint16 {
	if r == Stochastic {
		return random[i]
	}
	return 0
}

// exponent returns k of a block whose largest magnitude is m.
func (t *Tiles) exponent(m float32) int {
	if m == 0 {
		return t.Lowest
	}
	mantissa, e := significand(m)
	length := bits.Len64(mantissa)
	k := length - 1 + e - t.EMax
	if mantissa<<(maxMantissa+1-length)&significandOf >= uint64(t.Threshold) {
		k++
	}
	return min(max(k, t.Lowest), t.Highest)
}

// linearGrid is the grid of a block with equal steps.
type linearGrid struct {
	step     int // a power of two
	lo, hi   int64
	rounding Mode
	unused   uint16
}

func newLinearGrid(t *Tiles, k int, r Mode, used int) linearGrid {
	g := linearGrid{step: k + t.StepExponent, lo: int64(t.Lo), hi: int64(t.Hi), rounding: r, unused: 1<<(philox.BitsPerElement-used) - 1}
	if room := max(beyondFloat-g.step, 0); room < 32 {
		farthest := int64(1)<<room - 1 // from there on values are 2^128 and more
		g.lo, g.hi = max(g.lo, -farthest), min(g.hi, farthest)
	}
	return g
}

// round returns the number that x becomes, and its code.
func (g *linearGrid) round(x float32, random uint16, counts *Counts) special {
	var code int64
	switch {
	case x != x:
		counts.NaN++
		return special{}
	case isInfinite(x):
		counts.Inf++
		code = math.MaxInt64
	default:
		m, e := significand(x)
		code = int64(roundUnits(m, g.step-e, x < 0, 0, g.rounding, random&^g.unused))
	}
	if x < 0 {
		code = -code
	}
	switch {
	case code < g.lo:
		counts.Clipped++
		code = g.lo
	case code > g.hi:
		counts.Clipped++
		code = g.hi
	case code == 0 && x != 0:
		counts.Underflowed++
	}
	return special{float32(math.Ldexp(float64(code), g.step)), uint16(code)}
}
