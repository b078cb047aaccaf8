package number

import (
	"math"
	"math/big"
	"sync"
)

// log2Line is the line of powers: the ordinal of a value that is not negative is its magnitude code.
type log2Line struct {
	format Format
	octave []float64
	top    int   // the largest power
	most   int64 // its ordinal
}

var _ line = log2Line{}

// octaves holds, for each number of steps g, the float32 numbers nearest to 2^(j/g), j from 0 to g-1.
var octaves = sync.OnceValue(func() (table [maxLog2Steps + 1][]float64) {
	for g := 1; g <= maxLog2Steps; g++ {
		for j := range g {
			table[g] = append(table[g], math.Ldexp(float64(roundedRoot(g, j)), -23))
		}
	}
	return table
})

// roundedRoot returns the integer nearest to 2^(23+j/g), by comparing g-th powers.
func roundedRoot(g, j int) int64 {
	atMost := func(twice int64, power int) bool { // twice/2 <= 2^(23+j/g)
		x := new(big.Int).Exp(big.NewInt(twice), big.NewInt(int64(g)), nil)
		return x.Cmp(new(big.Int).Lsh(big.NewInt(1), uint(power))) <= 0
	}
	n := int64(math.Exp2(23 + float64(j)/float64(g)))
	for !atMost(2*n-1, 24*g+j) {
		n--
	}
	for atMost(2*n+1, 24*g+j) {
		n++
	}
	return n
}

// floorDivide returns a/b rounded down, for positive b.
func floorDivide(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// log2Value returns the value of a power, counted in steps.
func log2Value(power int, octave []float64) float64 {
	e := floorDivide(power, len(octave))
	return math.Ldexp(octave[power-e*len(octave)], e)
}

// log2Floor returns the greatest power whose value is not above the positive x.
func log2Floor(x float64, octave []float64) int {
	e := floorLog2(x)
	significand := math.Ldexp(x, -e)
	j := len(octave) - 1
	for octave[j] > significand {
		j--
	}
	return e*len(octave) + j
}

func (l log2Line) magnitude(ordinal int64) float64 {
	return log2Value(l.top+int(ordinal-l.most), l.octave)
}

// place goes by the values, in which it is linear between neighbours.
func (l log2Line) place(x float64) quotient {
	magnitude := math.Abs(x)
	if magnitude == 0 {
		return quotient{}
	}
	var q quotient
	switch ordinal := int64(log2Floor(magnitude, l.octave)-l.top) + l.most; {
	case ordinal > l.most: // far enough beyond
		q.floor = ordinal
	case ordinal < 1:
		q = divide(magnitude, l.magnitude(1))
	default:
		lower := l.magnitude(ordinal)
		q = divide(magnitude-lower, l.magnitude(ordinal+1)-lower) // both exact: of one binade
		q.floor = ordinal
	}
	if math.Signbit(x) {
		q.negate()
	}
	return q
}

func (l log2Line) at(ordinal int64) (offset int64, step float64) {
	switch {
	case ordinal == 0:
		return 0, 1
	case ordinal < 0:
		return -1, l.magnitude(-ordinal)
	default:
		return 1, l.magnitude(ordinal)
	}
}

func (l log2Line) limits() (lo, hi int64) { return -l.most, l.most }
func (log2Line) signedZero() bool         { return false }

// special gives zero for NaN, which has no code.
func (log2Line) special(class, bool) point { return point{} }

// code returns the sign bit over the magnitude. The sign bit alone is no code.
func (l log2Line) code(p point) int64 {
	if p.ordinal < 0 {
		return 1<<(l.format.width-1) - p.ordinal
	}
	return p.ordinal
}

func (l log2Line) point(code int64) (p point, ok bool) {
	sign := int64(1) << (l.format.width - 1)
	switch {
	case code < 0 || code >= 2*sign || code == sign:
		return point{}, false
	case code > sign:
		return point{negative: true, ordinal: sign - code}, true
	default:
		return point{ordinal: code}, true
	}
}
