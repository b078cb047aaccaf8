package number

import (
	"math"
	"strconv"
	"strings"
)

// positive reads a letter and a positive decimal from the front of the head, such as t0.7, or fails naming what is
// missing.
func (p *parser) positive(letter, what string) float64 {
	digits, found := strings.CutPrefix(p.head, letter)
	if !found {
		p.fail(p.headAt, "%s is missing: write %s and a number", what, letter)
		return 1
	}
	x, err := strconv.ParseFloat(digits, 64)
	if err != nil || !(x > 0 && x <= math.MaxFloat32) || strings.ContainsAny(digits, "xX_+") {
		p.fail(p.headAt+len(letter), "%s after %s must be a positive number of float32's range, got %q", what, letter, digits)
		x = 1
	}
	p.headAt += len(p.head)
	p.head = ""
	return x
}
