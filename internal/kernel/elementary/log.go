package elementary

import "math"

// logSeries are the coefficients 2/3, 2/5, ... 2/21 of log((1+s)/(1-s)) = 2s + 2s³/3 + 2s⁵/5 + ... On |s| <= 0.1716, what
// is left out is below 2^-60 of the result.
var logSeries = [...]float64{2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17, 2. / 19, 2. / 21}

// Log returns the natural logarithm of x, in error by less than 1 ulp, with the same bits on every processor:
// x = 2^k·(1+f) with 1+f between sqrt(1/2) and sqrt(2), and log(1+f) from the series in s = f/(2+f). It is -Inf at 0
// and NaN below.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	k := 0
	if x < 0x1p-1022 {
		x *= 0x1p54
		k = -54
	}
	// Adding the distance from sqrt(1/2) to 1 carries into the exponent just where 1+f would exceed sqrt(2).
	const one, root = 0x3ff0000000000000, 0x3fe6a09e667f3bcd
	b := math.Float64bits(x) + (one - root)
	k += int(b>>52) - 1023
	f := math.Float64frombits(b&(1<<52-1)+root) - 1

	s := f / (2 + f)
	z := float64(s * s)
	p := logSeries[len(logSeries)-1]
	for i := len(logSeries) - 2; i >= 0; i-- {
		p = float64(p*z) + logSeries[i]
	}
	p = float64(p * z)
	// 2s = f - f²/2 + s·f²/2: the large part f is exact, and rounding acts only on the small ones.
	half := float64(float64(0.5*f) * f)
	e := float64(k)
	return float64(e*ln2High) - ((half - (float64(s*(half+p)) + float64(e*ln2Low))) - f)
}
