package train

import (
	"math"
	"strconv"

	"github.com/pkg/errors"
)

// ErrorScale is S, what the loss's gradient is multiplied by so that small errors do not vanish below a format's step; the
// optimizer divides gradients by it. A power of two changes no other bit.
//
// A dynamic scale begins at 1024. It is halved, and the step made again, when a gradient is not finite; it is halved for
// the next step when overflow clipped more than one in 1000 of the elements of errors and gradients, since formats that
// saturate never become infinite; and doubled after 200 steps without either. It stays between 2^-24 and 2^24.
type ErrorScale struct {
	dynamic bool
	scale   float64
	good    int // steps since the last change
}

const (
	firstErrorScale   = 1 << 10
	largestErrorScale = 1 << 24
	growAfter         = 200
	clippedLimit      = 1.0 / 1000
)

// ParseErrorScale reads a positive number or "dynamic"; "" is 1.
func ParseErrorScale(s string) (ErrorScale, error) {
	switch s {
	case "":
		return ErrorScale{scale: 1}, nil
	case "dynamic":
		return ErrorScale{dynamic: true, scale: firstErrorScale}, nil
	}
	x, err := strconv.ParseFloat(s, 32)
	if err != nil || !(x > 0) || math.IsInf(x, 0) {
		return ErrorScale{}, errors.Errorf("the error scale %q is neither a positive number nor dynamic", s)
	}
	return ErrorScale{scale: x}, nil
}

// String returns the form that ParseErrorScale reads.
func (e ErrorScale) String() string {
	if e.dynamic {
		return "dynamic"
	}
	return formatFloat(e.scale)
}

// shrinks reports whether the scale is dynamic and not as small as it gets.
func (e *ErrorScale) shrinks() bool { return e.dynamic && e.scale > 1.0/largestErrorScale }

// shrink halves a dynamic scale and reports whether it could.
func (e *ErrorScale) shrink() bool {
	if !e.shrinks() {
		return false
	}
	e.scale, e.good = e.scale/2, 0
	return true
}

// stepped adapts a dynamic scale after a step that clipped the given share of errors and gradients.
func (e *ErrorScale) stepped(clipped float64) {
	if !e.dynamic {
		return
	}
	if clipped > clippedLimit {
		e.shrink()
		return
	}
	e.good++
	if e.good >= growAfter && e.scale < largestErrorScale {
		e.scale, e.good = e.scale*2, 0
	}
}
