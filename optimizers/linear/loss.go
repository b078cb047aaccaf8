package linear

import (
	"strings"

	"github.com/pkg/errors"
)

// Loss is the cost of a prediction p = x·w for a label.
type Loss interface {
	// Name returns the name on the command line.
	Name() string
	// Label returns the label as Value and Slope want it, or says which labels there may be.
	Label(y float64) (float64, error)
	// Value returns the cost.
	Value(prediction, label float64) float64
	// Slope returns the derivative of Value with respect to the prediction.
	Slope(prediction, label float64) float64
}

// losses is the list of losses.
var losses = []Loss{Squares{}, Logistic{}, SVM{Smoothing: 1}}

// LossNames lists the losses.
func LossNames() []string {
	names := make([]string, len(losses))
	for i, l := range losses {
		names[i] = l.Name()
	}
	return names
}

// ParseLoss returns the loss of a name.
func ParseLoss(name string) (Loss, error) {
	for _, l := range losses {
		if l.Name() == name {
			return l, nil
		}
	}
	return nil, errors.Errorf("unknown loss %q; there are: %s", name, strings.Join(LossNames(), ", "))
}

// binaryLabel maps the labels of two classes, {-1, 1} or {0, 1}, to -1 and 1.
func binaryLabel(y float64) (float64, error) {
	switch y {
	case 1:
		return 1, nil
	case 0, -1:
		return -1, nil
	default:
		return 0, errors.Errorf("label %v: the labels of two classes are 0 and 1, or -1 and 1", y)
	}
}
