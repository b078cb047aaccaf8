package requant

import (
	"math"

	"github.com/pkg/errors"
)

// Comparison compares two rules at one scale, as they are used: with a zero point and a clamp, on accumulators of 32 bits.
type Comparison struct {
	A, B   Rule
	Scale  float64
	Zero   int32
	Lo, Hi int64 // bounds of the clamp

	ma, mb Multiplier
}

// Compare prepares a comparison of two rules at a scale. It is an error if a rule cannot represent the scale, or if the
// scale is zero.
func Compare(a, b Rule, scale float64, zero int32, lo, hi int64) (*Comparison, error) {
	if scale == 0 {
		return nil, errors.New("at scale 0 all rules agree")
	}
	if lo > hi {
		return nil, errors.Errorf("the bounds %d to %d are no range", lo, hi)
	}
	ma, err := a.Multiplier(scale)
	if err != nil {
		return nil, err
	}
	mb, err := b.Multiplier(scale)
	if err != nil {
		return nil, err
	}
	return &Comparison{A: a, B: b, Scale: scale, Zero: zero, Lo: lo, Hi: hi, ma: ma, mb: mb}, nil
}

// Difference is an accumulator on which two rules give different codes.
type Difference struct{ Accumulator, A, B int64 }

// at evaluates both rules.
func (c *Comparison) at(acc int64) (Difference, bool) {
	d := Difference{
		Accumulator: acc,
		A:           Clamp(c.A.Apply(acc, c.ma)+int64(c.Zero), c.Lo, c.Hi),
		B:           Clamp(c.B.Apply(acc, c.mb)+int64(c.Zero), c.Lo, c.Hi),
	}
	return d, d.A != d.B
}

// span is the range of accumulators whose codes lie strictly between the bounds, give or take a step.
func (c *Comparison) span() (lo, hi int64) {
	at := func(code int64) int64 {
		return int64(math.Max(math.MinInt32, math.Min(math.MaxInt32, math.Round(float64(code-int64(c.Zero))/c.Scale))))
	}
	return at(c.Lo - 1), at(c.Hi + 1)
}

// Rate is how often two rules disagree.
type Rate struct {
	Compared   int64 // accumulators
	Different  int64
	MaxError   int64 // largest distance of two codes
	Exhaustive bool  // all accumulators between the clamps were compared; otherwise every so many-th
}

// maxCompared is how many accumulators Rate looks at, at most.
const maxCompared = 1 << 22

// Rate compares the rules on the accumulators whose codes are not clamped: on all of them, or on about four million that
// are evenly spaced.
func (c *Comparison) Rate() Rate {
	lo, hi := c.span()
	stride := (hi - lo) / maxCompared
	// Odd, so that the low bits of the accumulators take all values.
	stride |= 1
	r := Rate{Exhaustive: stride == 1}
	for acc := lo; acc <= hi; acc += stride {
		r.Compared++
		if d, differ := c.at(acc); differ {
			r.Different++
			r.MaxError = max(r.MaxError, d.A-d.B, d.B-d.A)
		}
	}
	return r
}

// window is how far around the middle between two codes Vectors looks: farther than what separates two representations of
// a scale.
const window = 1 << 10

// Vectors finds up to n accumulators on which the rules differ, at most one for each place where a code changes into the
// next: around all ties, then at the ends of the accumulator.
func (c *Comparison) Vectors(n int) []Difference {
	var found []Difference
	lo, hi := c.span()
	next := lo // accumulators before it were looked at
	look := func(from, to int64) {
		for acc := max(from, next); acc <= min(to, hi) && len(found) < n; acc++ {
			next = acc + 1
			if d, differ := c.at(acc); differ {
				found = append(found, d)
				return
			}
		}
	}
	for code := c.Lo - 1; code <= c.Hi && len(found) < n; code++ {
		for _, place := range []float64{0, 0.5} { // rules that round, and rules that floor, step at different places
			center := int64(math.Round((float64(code-int64(c.Zero)) + place) / c.Scale))
			look(center-window, center+window)
		}
	}
	for _, acc := range []int64{math.MinInt32, math.MinInt32 + 1, math.MaxInt32 - 1, math.MaxInt32} {
		if d, differ := c.at(acc); differ && len(found) < n && (acc < lo || acc > hi) {
			found = append(found, d)
		}
	}
	return found
}

// TypicalScales are scales, of layers of networks, that both rules can represent: 0.75 * 2^-r if both have a multiplier, else 2^-r.
func TypicalScales(a, b Rule) []float64 {
	factor := 0.75
	if a.Info().MultiplierBits == 0 || b.Info().MultiplierBits == 0 {
		factor = 1
	}
	var scales []float64
	for r := 2; r <= 14; r += 2 {
		scales = append(scales, math.Ldexp(factor, -r))
	}
	return scales
}
