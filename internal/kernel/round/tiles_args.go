package round

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// tilesArgs are the arguments of the kernels. Exponents k have the form of those of float32, (k+127)·2^23, with a sign.
type tilesArgs struct {
	// What the kernels of runs take, with patterns of values to which the exponent is added. Of linear grids: inverse
	// less the exponent is the pattern of what makes codes, step and the exponent that of the step.
	element minifloatArgs

	exponents       unsafe.Pointer
	advance, second int    // bytes: from two blocks to the next two, and to the second of them; 0 if they are one
	merge           uint32 // ones if they are one

	first, span     uint32 // the kernel takes blocks with the largest magnitudes first to first+span, and 0
	roundUp         uint32 // added to the largest magnitude before its exponent is taken
	most            uint32 // EMax
	lowest, highest uint32
	usable          uint32 // the lowest exponent that elements can be rounded with
	scaleOver       uint32 // ones if Over has the scale

	// Of kernels for rows whose elements are a stride apart: how many these are, and the bytes between them.
	rows                          int
	srcPitch, dstPitch, bitsPitch int

	low, high           uint32 // codes of linear grids
	belowLow, aboveHigh uint32 // float32: the code below and the one above, in the units that quotients have
}

// exponentRange is where the kernels can round: no power of two that they multiply with is subnormal or too large, no
// number of the grid is too large, no quotient overflows or loses bits that count. It is empty if low is above high.
type exponentRange struct{ low, high int }

var nowhere = exponentRange{0, -1}

// usable returns the range of k for the elements.
func (t *Tiles) usable(random bool) exponentRange {
	switch {
	case t.Linear:
		return t.linearRange(random)
	case t.EMax < 0 || t.EMax > beyondFloat:
		return nowhere
	default:
		return t.floatRange(random)
	}
}

func (t *Tiles) floatRange(random bool) exponentRange {
	f := t.Element
	largest := f.largest()
	extra := 0
	if random {
		extra = extraBits
	}
	switch {
	case largest == 0, math.IsInf(largest, 0), random && f.Mantissa > maxRandomMantissa, !random && f.Mantissa == 0:
		return nowhere
	case f.saturates(0) != f.saturates(1), !f.saturates(0) && (!special0(f.Over[0]) || !special0(f.Over[1])):
		return nowhere
	}
	least := f.MinExponent + f.Scale
	r := exponentRange{
		low:  max(f.Mantissa+floatLeast, f.Mantissa+extra-floatBias) - least,
		high: floatBias - max(least, math.Ilogb(largest)),
	}
	if random {
		r.high = min(r.high, f.Mantissa+extra-least)
	}
	return r
}

// largest returns the value of Max.
func (f Minifloat) largest() float64 {
	g := floatGrid{mantissa: f.Mantissa, least: f.MinExponent + f.Scale}
	return g.value(uint64(f.Max))
}

// saturates reports whether Over for positive (0) or negative (1) values is the largest number.
func (f Minifloat) saturates(negative int) bool {
	return math.Ldexp(math.Abs(float64(f.Over[negative])), f.Scale) == f.largest()
}

// special0 reports whether a value is the same at every scale.
func special0(x float32) bool { return x == 0 || x != x || isInfinite(x) }

func (t *Tiles) linearRange(random bool) exponentRange {
	farthest := max(t.Hi, -t.Lo)
	r := exponentRange{low: floatLeast, high: min(floatBias-1, beyondFloat-bits.Len32(uint32(farthest)))}
	if random {
		r.low, r.high = extraBits-floatBias, min(r.high, extraBits)
	}
	if farthest == maxCode || random && (t.Hi >= math.MaxInt16 || t.Lo <= math.MinInt16) {
		return nowhere
	}
	return exponentRange{r.low - t.StepExponent, r.high - t.StepExponent}
}

// magnitudes returns the patterns of the least and the largest of the largest magnitudes of blocks, other than 0, whose
// exponents the kernels find and can round with.
func (t *Tiles) magnitudes(r exponentRange) (first, last uint32) {
	first, last = 1<<23, infinityBits-1
	if t.Lowest < r.low {
		e := max(r.low+t.EMax, floatLeast)
		first = uint32(min(e, beyondFloat)+floatBias) << 23
	} else if floatLeast-t.EMax <= t.Lowest { // all subnormal numbers give Lowest
		first = 1
	}
	if t.Highest > r.high {
		e := r.high + t.EMax + 1 // the first that is too large
		if t.Threshold < 1<<maxMantissa {
			e-- // which may be rounded up
		}
		last = uint32(max(min(e, beyondFloat), floatLeast)+floatBias)<<23 - 1
	}
	return first, last
}

// set fills in what runs need, and reports whether the kernels take the tiles.
func (a *tilesArgs) set(t *Tiles, r Mode, used int, kind tilesKind) bool {
	usable := t.usable(kind.random)
	first, last := t.magnitudes(usable)
	if usable.low > min(usable.high, floatBias) || t.Lowest > usable.high || t.EMax < 0 || t.EMax > beyondFloat || first > last {
		return false
	}
	a.first, a.span = first, last-first
	a.roundUp = 1<<23 - t.Threshold
	a.most = uint32(t.EMax) << 23
	a.lowest, a.highest = exponentPattern(t.Lowest), exponentPattern(min(t.Highest, beyondFloat))
	a.usable = exponentPattern(max(usable.low, -maxGridExponent))
	const exponentBytes = 2
	a.advance = exponentBytes
	if t.Length == tilesLength {
		a.merge = math.MaxUint32
	} else {
		a.advance, a.second = 2*exponentBytes, exponentBytes
	}
	if t.Linear {
		a.setLinear(t, kind.random)
	} else {
		a.setFloat(t.Element, r, used, kind)
	}
	a.element.randomMask = uint32(^(uint16(1)<<(philox.BitsPerElement-used) - 1))
	return true
}

func exponentPattern(k int) uint32 { return uint32(k+floatBias) << 23 }

func (a *tilesArgs) setFloat(f Minifloat, r Mode, used int, kind tilesKind) {
	g := newFloatGrid(f, r, used)
	e := &a.element
	e.set(&g, f, minifloatKind{random: kind.random, size: kind.size})
	e.least = uint32(g.least) << 23
	if kind.size < 4 {
		e.limit = f.Max
		e.over, e.overFlip = uint32(f.OverCode[0]), uint32(f.OverCode[0]^f.OverCode[1])
		return
	}
	fraction, exponent := math.Frexp(f.largest())
	e.limit = uint32(int(fraction*(1<<24)) + (exponent-2)<<23)
	if f.saturates(0) {
		// The sign is added, since what the exponent is missing from may be negative.
		e.over = e.limit + math.Float32bits(f.Over[0])&signBit
		e.overFlip = (math.Float32bits(f.Over[0]) ^ math.Float32bits(f.Over[1])) & signBit
		a.scaleOver = math.MaxUint32
	}
}

func (a *tilesArgs) setLinear(t *Tiles, random bool) {
	extra := 0
	if random {
		extra = extraBits
	}
	a.element.inverse = uint32(2*floatBias-t.StepExponent+extra) << 23
	a.element.step = uint32(t.StepExponent) << 23
	a.low, a.high = uint32(t.Lo), uint32(t.Hi)
	a.belowLow = math.Float32bits(float32((int(t.Lo) - 1) << extra))
	a.aboveHigh = math.Float32bits(float32((int(t.Hi) + 1) << extra))
}
