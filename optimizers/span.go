package optimizers

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Span is a length of training: a number of steps, or of epochs of Problem.Batches steps. The zero value leaves the length to
// the optimizer's default.
type Span struct {
	Count  int
	Epochs bool
}

// largestSpan bounds spans so that steps fit an execution number.
const largestSpan = 1<<31 - 1

// ParseSpan reads "200" (steps) or "2epochs".
func ParseSpan(s string) (Span, error) {
	digits, epochs := strings.CutSuffix(s, "epochs")
	if !epochs {
		digits, epochs = strings.CutSuffix(s, "epoch")
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > largestSpan {
		return Span{}, errors.Errorf("%q is not a length: write a number of steps from 1, as 200, or of epochs, as 2epochs", s)
	}
	return Span{Count: n, Epochs: epochs}, nil
}

// String returns the form that ParseSpan reads; the zero value gives "1epoch", which is the default of every span.
func (s Span) String() string {
	switch {
	case s == Span{}:
		return "1epoch"
	case s.Epochs && s.Count == 1:
		return "1epoch"
	case s.Epochs:
		return strconv.Itoa(s.Count) + "epochs"
	default:
		return strconv.Itoa(s.Count)
	}
}

// Steps returns the length in steps when an epoch has the given number of batches.
func (s Span) Steps(batches int) int {
	switch {
	case s == Span{}:
		return batches
	case s.Epochs:
		return s.Count * batches
	default:
		return s.Count
	}
}

func (s Span) check(key string) error {
	if s.Count < 0 || s.Count > largestSpan || (s.Epochs && s.Count == 0) {
		return errors.Errorf("option %s is %d, want a positive length", key, s.Count)
	}
	return nil
}
