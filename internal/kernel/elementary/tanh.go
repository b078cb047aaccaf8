package elementary

import "math"

// Tanh returns the hyperbolic tangent of x, in error by less than 1.5 ulp, with the same bits on every processor. Up to
// 0.75 it is Lambert's continued fraction x/(1 + x²/(3 + x²/(5 + ... + x²/17))) in the form x - x³·P(x²)/Q(x²), which
// differs from the tangent by less than 2^-61 of it; above, 1 - 2/(e^2x + 1).
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case x != x || x == 0:
		return x
	case a > 22: // 1 - tanh < 2^-61
		return math.Copysign(1, x)
	case a > 0.75:
		return math.Copysign(1-2/(Exp(2*a)+1), x)
	}
	z := float64(x * x)
	p := 44.0
	p = float64(p*z) + 12870
	p = float64(p*z) + 810810
	p = float64(p*z) + 11486475
	q := 45.0
	q = float64(q*z) + 13860
	q = float64(q*z) + 945945
	q = float64(q*z) + 16216200
	q = float64(q*z) + 34459425
	return x - float64(x*z)*p/q
}
