package levels

import "math"

// sum is an unevaluated sum of two float64 numbers, high + low, |low| at most half an ulp of high: about 106 bits
// (Dekker, "A floating-point technique for extending the available precision", 1971).
type sum struct{ high, low float64 }

// twoSum returns a+b rounded, and what the rounding lost (Knuth).
func twoSum(a, b float64) (s, lost float64) {
	s = a + b
	bb := s - a
	return s, (a - (s - bb)) + (b - bb)
}

// twoProduct returns a*b rounded, and what the rounding lost.
func twoProduct(a, b float64) (p, lost float64) {
	p = float64(a * b)
	return p, math.FMA(a, b, -p)
}

func (a sum) plus(b sum) sum {
	s, lost := twoSum(a.high, b.high)
	lost += a.low + b.low
	high := s + lost
	return sum{high, lost - (high - s)}
}

func (a sum) minus(b sum) sum { return a.plus(sum{-b.high, -b.low}) }

// times returns a*x.
func (a sum) times(x float64) sum {
	p, lost := twoProduct(a.high, x)
	lost = math.FMA(a.low, x, lost)
	high := p + lost
	return sum{high, lost - (high - p)}
}

// times2 returns a*b.
func (a sum) times2(b sum) sum {
	p, lost := twoProduct(a.high, b.high)
	lost = math.FMA(a.low, b.high, math.FMA(a.high, b.low, lost))
	high := p + lost
	return sum{high, lost - (high - p)}
}

// moments are the sums of some values and of their squares.
type moments struct{ first, second sum }

func (m *moments) add(x float64) {
	square, lost := twoProduct(x, x)
	m.first = m.first.plus(sum{x, 0})
	m.second = m.second.plus(sum{square, lost})
}

func (m moments) plus(o moments) moments {
	return moments{m.first.plus(o.first), m.second.plus(o.second)}
}

func (m moments) minus(o moments) moments {
	return moments{m.first.minus(o.first), m.second.minus(o.second)}
}
