package linear

// Squares is the loss of least squares, 1/2 * (p - y)².
type Squares struct{}

// Name returns "squares".
func (Squares) Name() string { return "squares" }

// Label accepts every label.
func (Squares) Label(y float64) (float64, error) { return y, nil }

// Value returns 1/2 * (p - y)².
func (Squares) Value(prediction, label float64) float64 {
	return 0.5 * float64((prediction-label)*(prediction-label))
}

// Slope returns p - y.
func (Squares) Slope(prediction, label float64) float64 { return prediction - label }
