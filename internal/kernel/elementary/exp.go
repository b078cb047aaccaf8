package elementary

import "math"

const (
	// ln2High is ln 2 rounded to 32 bits, so that its products with exponents are exact; ln2Low is the rest.
	ln2High = 0x1.62e42feep-1
	ln2Low  = 0x1.a39ef35793c76p-33
	log2e   = 0x1.71547652b82fep0

	expOverflow  = 0x1.62e42fefa39efp9  // the largest x with a finite exponential
	expUnderflow = -0x1.74910d52d3052p9 // below it the exponential rounds to 0
)

// expSeries are the coefficients 1/2!, 1/3!, ... 1/13! of the exponential's Taylor series. On |r| <= ln(2)/2 the first
// one left out is below 2^-57 of the result.
var expSeries = [...]float64{
	1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880,
	1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800,
}

// Exp returns e^x, in error by less than 0.7 ulp (0.9 where it is subnormal), with the same bits on every processor: x = k·ln 2 + r with the two-part
// reduction of Cody and Waite, then the Taylor series of e^r.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > expOverflow:
		return math.Inf(1)
	case x < expUnderflow:
		return 0
	}
	k := math.Floor(float64(x*log2e) + 0.5)
	high, low := x-float64(k*ln2High), float64(k*ln2Low)
	r := high - low
	lost := (high - r) - low // what rounding took from r
	p := expSeries[len(expSeries)-1]
	for i := len(expSeries) - 2; i >= 0; i-- {
		p = float64(p*r) + expSeries[i]
	}
	p = float64(p * float64(r*r))
	s := 1 + r
	rest := (1 - s) + r // exact: what rounding took from s
	return scale2(s+(rest+(p+lost)), int(k))
}

// scale2 returns y·2^k for y in 1/2 to 2 and -1080 <= k <= 1024.
func scale2(y float64, k int) float64 {
	switch {
	case k > 1023:
		return float64(y*2) * exponential2(k-1)
	case k < -1000:
		return float64(y*exponential2(k+100)) * 0x1p-100
	}
	return y * exponential2(k)
}

// exponential2 returns 2^k for a normal power.
func exponential2(k int) float64 {
	return math.Float64frombits(uint64(k+1023) << 52)
}
