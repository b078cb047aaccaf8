package elementary

// Sigmoid returns 1/(1 + e^-x), in error by less than 2.1 ulp, with the same bits on every processor. For negative x it is
// e^x/(1 + e^x), which keeps small results accurate.
func Sigmoid(x float64) float64 {
	if x < 0 {
		e := Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + Exp(-x))
}
