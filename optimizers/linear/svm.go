package linear

// SVM is the loss of a linear support vector machine: the hinge max(0, 1 - m) of the margin m = y*p with y = -1 or 1, its
// corner rounded over a width s (Shalev-Shwartz and Zhang, 2013):
//
//	0                  m >= 1
//	1 - m - s/2        m <= 1 - s
//	(1 - m)² / (2*s)   between
//
// The derivative has slope at most 1/s, which SVRG and HALP need; with s = 0 it is the hinge itself and Slope a subgradient.
type SVM struct{ Smoothing float64 }

// Name returns "svm".
func (SVM) Name() string { return "svm" }

// Label accepts 0 and 1, or -1 and 1.
func (SVM) Label(y float64) (float64, error) { return binaryLabel(y) }

// Value returns the smoothed hinge.
func (l SVM) Value(prediction, label float64) float64 {
	short := 1 - float64(label*prediction)
	switch {
	case short <= 0:
		return 0
	case short >= l.Smoothing:
		return short - float64(l.Smoothing/2)
	default:
		return float64(short*short) / (2 * l.Smoothing)
	}
}

// Slope returns the derivative of the smoothed hinge, 0 at the corner of the hinge itself.
func (l SVM) Slope(prediction, label float64) float64 {
	short := 1 - float64(label*prediction)
	switch {
	case short <= 0:
		return 0
	case short >= l.Smoothing:
		return -label
	default:
		return -label * (short / l.Smoothing)
	}
}
