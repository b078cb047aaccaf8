package number

import (
	"math"
	"math/big"
	"slices"
)

// levelsLine is the line of given points, without zeros of either sign. Ordinals are indices less that of zero, or plus
// 1 where zero is none of the points.
type levelsLine struct {
	format Format
	points []float64 // ascending
	count  int       // of those that ascend strictly, at the front
	origin int64     // the index of ordinal 0
}

var (
	_ line    = levelsLine{}
	_ rounder = levelsLine{}
)

func newLevelsLine(f Format, points []float64) levelsLine {
	l := levelsLine{format: f, points: points, count: 1, origin: -1}
	for l.count < len(points) && points[l.count] > points[l.count-1] {
		l.count++
	}
	if i, found := slices.BinarySearch(points[:l.count], 0); found {
		l.origin = int64(i)
	}
	return l
}

// round makes the level nearest to zero of NaN, and the ends of what lies beyond.
func (l levelsLine) round(x float64, r uint32) (p point, clipped bool) {
	last := int64(l.count) - 1
	switch {
	case math.IsNaN(x):
		return point{ordinal: l.nearestToZero() - l.origin}, false
	case x < l.points[0]:
		return point{ordinal: -l.origin}, true
	case x > l.points[last]:
		return point{ordinal: last - l.origin}, true
	}
	q := l.place(x)
	index := q.floor
	if l.format.rounding.up(q, math.Signbit(x), r) {
		index++
	}
	return point{ordinal: index - l.origin}, false
}

// nearestToZero returns the index of the point nearest to zero, the positive one of two.
func (l levelsLine) nearestToZero() int64 {
	i, _ := slices.BinarySearch(l.points[:l.count], 0)
	if i == l.count || i > 0 && -l.points[i-1] < l.points[i] {
		i--
	}
	return int64(i)
}

// place counts indices and not ordinals, so that ties go by codes.
func (l levelsLine) place(x float64) quotient {
	i, found := slices.BinarySearch(l.points[:l.count], x)
	if found || i == 0 {
		return quotient{floor: int64(i)}
	}
	if i == l.count {
		return quotient{floor: int64(i - 1)}
	}
	q := part(x, l.points[i-1], l.points[i])
	q.floor = int64(i - 1)
	return q
}

// part returns how far x lies on the way from a to b, a < x < b, exactly.
func part(x, a, b float64) quotient {
	const units = 1 << 16
	above, lostAbove := subtract(x, a)
	width, lostWidth := subtract(b, a)
	if lostAbove == 0 && lostWidth == 0 {
		return divide(above, width)
	}
	// The error of t is below 2^-33.
	if t := above / width * units; t-math.Floor(t) > 0x1p-30 && math.Ceil(t)-t > 0x1p-30 {
		return quotient{top: uint32(t), rest: true}
	}
	rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	t := new(big.Rat).Quo(new(big.Rat).Sub(rat(x), rat(a)), new(big.Rat).Sub(rat(b), rat(a)))
	t.Mul(t, big.NewRat(units, 1))
	top, rest := new(big.Int).DivMod(t.Num(), t.Denom(), new(big.Int))
	return quotient{top: uint32(top.Int64()), rest: rest.Sign() != 0}
}

// subtract returns a-b rounded, and what the rounding lost (Knuth).
func subtract(a, b float64) (difference, lost float64) {
	difference = a - b
	bb := difference - a
	return difference, (a - (difference - bb)) - (b + bb)
}

func (l levelsLine) at(ordinal int64) (offset int64, step float64) {
	if x := l.points[ordinal+l.origin]; x != 0 {
		return 1, x
	}
	return 0, 1
}

func (l levelsLine) limits() (lo, hi int64) { return -l.origin, int64(l.count) - 1 - l.origin }
func (levelsLine) signedZero() bool         { return false }
func (levelsLine) special(class, bool) point {
	return point{}
}
func (l levelsLine) code(p point) int64 { return p.ordinal + l.origin }
func (l levelsLine) point(code int64) (p point, ok bool) {
	return point{ordinal: code - l.origin}, code >= 0 && code < int64(len(l.points))
}
