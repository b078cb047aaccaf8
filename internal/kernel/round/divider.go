package round

import "math"

// divider divides by a step.
type divider struct{ step, inverse float64 } // inverse is 0 unless the step is a power of two

func newDivider(step float64) divider {
	if powerOfTwo(step) {
		return divider{step, 1 / step}
	}
	return divider{step, 0}
}

// powerOfTwo reports whether a positive normal number is a power of two.
func powerOfTwo(x float64) bool { return math.Float64bits(x)&(1<<52-1) == 0 }

// nearest returns x/step rounded to the nearest integer, ties to even.
func (d divider) nearest(x float64) float64 {
	if d.inverse != 0 {
		return math.RoundToEven(x * d.inverse) // an exact product
	}
	q := x / d.step
	whole := math.Floor(q)
	if q-whole == 0.5 {
		// The exact quotient lies on one side of the tie or on it; the sign of the remainder tells, exactly.
		switch rest := math.FMA(-q, d.step, x); {
		case rest > 0:
			return whole + 1
		case rest < 0:
			return whole
		}
	}
	return math.RoundToEven(q)
}

// floor returns the floor of x/step·unit, where unit is a power of two.
func (d divider) floor(x, unit float64) float64 {
	if d.inverse != 0 {
		return math.Floor(x * d.inverse * unit)
	}
	q := x / d.step
	t := q * unit // exact
	whole := math.Floor(t)
	if t == whole && math.FMA(-q, d.step, x) < 0 {
		whole-- // the quotient had been rounded up to an integer
	}
	return whole
}
