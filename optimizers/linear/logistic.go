package linear

import "github.com/halftone-go/halftone/internal/kernel/elementary"

// Logistic is the loss of logistic regression, log(1 + exp(-y*p)) with y = -1 or 1.
type Logistic struct{}

// Name returns "logistic".
func (Logistic) Name() string { return "logistic" }

// Label accepts 0 and 1, or -1 and 1.
func (Logistic) Label(y float64) (float64, error) { return binaryLabel(y) }

// Value returns log(1 + exp(-y*p)), accurate for margins of both signs.
func (Logistic) Value(prediction, label float64) float64 {
	margin := float64(label * prediction)
	if margin < 0 {
		return log1p(elementary.Exp(margin)) - margin
	}
	return log1p(elementary.Exp(-margin))
}

// log1p returns log(1 + x) for 0 <= x <= 1 with a small relative error (Kahan): the logarithm of the rounded sum u, times
// x over the part of x that is in u.
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 {
		return x
	}
	return elementary.Log(u) * (x / (u - 1))
}

// Slope returns -y / (1 + exp(y*p)).
func (Logistic) Slope(prediction, label float64) float64 {
	return -label * elementary.Sigmoid(-label*prediction)
}
