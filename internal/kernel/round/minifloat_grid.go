package round

import (
	"math"
	"math/bits"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// The bits of a float32.
const (
	signBit       = 1 << 31
	infinityBits  = 0xff << 23
	significandOf = 1<<23 - 1
	floatBias     = 127
	floatLeast    = -126 // exponent of the smallest normal number
	beyondFloat   = 128  // 2^128 is the first power of two that is too large
)

// floatGrid is a Minifloat as elements are rounded to it: its scale taken in.
type floatGrid struct {
	mantissa, least int // least is the exponent of the smallest normal number
	most            uint64
	over, infinity  [2]special
	nan             special
	signedZero      bool
	sign            uint16 // bit of a code
	rounding        Mode
	unused          uint16 // random bits that are not
}

// special is what takes the place of a number.
type special struct {
	value float32
	code  uint16
}

func newFloatGrid(f Minifloat, r Mode, used int) floatGrid {
	g := floatGrid{
		mantissa: f.Mantissa, least: f.MinExponent + f.Scale, nan: special{f.NaN, f.NaNCode}, signedZero: f.SignedZero,
		rounding: r, unused: 1<<(philox.BitsPerElement-used) - 1,
	}
	if f.Width > 0 {
		g.sign = 1 << (f.Width - 1)
	}
	g.most = min(uint64(f.Max), g.below128())
	for i := range g.over {
		g.over[i] = g.scaled(f.Over[i], f.OverCode[i], f.Scale)
		g.infinity[i] = g.scaled(f.Infinity[i], f.InfinityCode[i], f.Scale)
	}
	return g
}

// below128 returns the ordinal of the largest number below 2^128.
func (g *floatGrid) below128() uint64 {
	if binades := beyondFloat - g.least; binades >= 0 {
		return uint64(binades+1)<<g.mantissa - 1
	}
	if places := beyondFloat - g.least + g.mantissa; places > 0 {
		return 1<<places - 1
	}
	return 0
}

// scaled returns the value times 2^scale with its code, or the number of the lowered Max.
func (g *floatGrid) scaled(value float32, code uint16, scale int) special {
	v := math.Ldexp(float64(value), scale)
	if isInfinite(value) || !(math.Abs(v) >= 0x1p128) {
		return special{float32(v), code}
	}
	s := special{float32(g.value(g.most)), uint16(g.most)}
	if v < 0 {
		s = special{-s.value, s.code | g.sign}
	}
	return s
}

// value returns the number with the ordinal.
func (g *floatGrid) value(ordinal uint64) float64 {
	e := g.least
	if binade := ordinal >> g.mantissa; binade > 1 {
		e += int(binade) - 1
		ordinal -= (binade - 1) << g.mantissa
	}
	return math.Ldexp(float64(ordinal), e-g.mantissa)
}

// significand returns the integer m and the exponent e of |x| = m*2^e, for finite x.
func significand(x float32) (m uint64, e int) {
	pattern := math.Float32bits(x) &^ signBit
	field := int(pattern >> 23)
	m = uint64(pattern & significandOf)
	if field > 0 {
		m |= 1 << 23
	} else {
		field = 1
	}
	return m, field - floatBias - 23
}

// ordinal returns the ordinal that |x| is rounded to, for finite x that is not zero.
func (g *floatGrid) ordinal(x float32, random uint16) uint64 {
	m, e := significand(x)
	exponent := max(bits.Len64(m)-1+e, g.least)
	base := uint64(exponent-g.least) << g.mantissa
	return base + roundUnits(m, exponent-g.mantissa-e, x < 0, base, g.rounding, random&^g.unused)
}

// roundUnits rounds m/2^shift, the magnitude of a quotient, to an integer. Of the magnitude's ordinal, base comes before
// it. m has up to 24 bits.
func roundUnits(m uint64, shift int, negative bool, base uint64, r Mode, random uint16) uint64 {
	if shift <= 0 {
		return m << min(-shift, 32) // an integer, or far beyond all grids
	}
	// With 40 or more places behind the point, what is not zero is less than 2^-16, which no rounding tells apart.
	shift = min(shift, 40)
	last := uint64(1)<<shift - 1
	// A magnitude is rounded towards zero, after this was added. That of a negative value goes where the value does: the
	// ceiling of (m*2^-shift - random) is the floor of (m + last - random).
	var add uint64
	switch r {
	case NearestEven:
		add = last>>1 + (m>>shift+base)&1
	case Stochastic:
		add = uint64(random) << 24 >> (40 - shift)
	}
	if r != NearestEven && negative {
		add = last - add
	}
	return (m + add) >> shift
}

// round returns the number that x becomes, and its code.
func (g *floatGrid) round(x float32, random uint16, counts *Counts) special {
	sign := math.Float32bits(x) >> 31
	switch {
	case x != x:
		counts.NaN++
		return g.nan
	case isInfinite(x):
		counts.Inf++
		s := g.infinity[sign]
		if !isInfinite(s.value) {
			counts.Clipped++
		}
		return s
	}
	var ordinal uint64
	if x != 0 {
		ordinal = g.ordinal(x, random)
		switch {
		case ordinal > g.most:
			counts.Clipped++
			return g.over[sign]
		case ordinal == 0:
			counts.Underflowed++
		}
	}
	s := special{float32(g.value(ordinal)), uint16(ordinal)}
	if sign == 1 && (ordinal > 0 || g.signedZero) {
		s = special{-s.value, s.code | g.sign}
	}
	return s
}

// roundAll rounds the elements of a run. random holds bits for each of them if the rounding is stochastic.
func roundAll[O output](g *floatGrid, dst []O, src []float32, random []uint16) (counts Counts) {
	var r uint16
	for i, x := range src {
		if g.rounding == Stochastic {
			r = random[i]
		}
		put(&dst[i], g.round(x, r, &counts))
	}
	return counts
}

// put stores the value or the code.
func put[O output](dst *O, s special) {
	switch d := any(dst).(type) {
	case *float32:
		*d = s.value
	case *uint8:
		*d = uint8(s.code)
	case *uint16:
		*d = s.code
	}
}
