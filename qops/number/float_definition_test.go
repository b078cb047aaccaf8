package number

import (
	"math"
	"math/big"
	"slices"
)

// definedFloat is a float as a list of its values, made from the meaning of its codes, code by code.
type definedFloat struct {
	mantissa int
	values   []float64 // not negative, ascending: the ordinal is the place
	hasNaN   bool
	infinity bool
	negative bool // there is a -0
}

// defineFloat decodes every code of a float that is not negative.
func defineFloat(exponent, mantissa int, variant string) definedFloat {
	bias := 1<<(exponent-1) - 1
	if variant == "fnuz" {
		bias = 1 << (exponent - 1)
	}
	width := 1 + exponent + mantissa
	d := definedFloat{mantissa: mantissa, infinity: variant == "ieee", negative: variant != "fnuz"}
	d.hasNaN = variant == "ieee" || variant == "fnuz" || variant == "fn" && width >= 8
	for code := range 1 << (width - 1) {
		field, m := code>>mantissa, code%(1<<mantissa)
		if variant == "ieee" && field == 1<<exponent-1 || variant == "fn" && d.hasNaN && code == 1<<(width-1)-1 {
			continue
		}
		value := math.Ldexp(float64(m), 1-bias-mantissa)
		if field > 0 {
			value = math.Ldexp(1+math.Ldexp(float64(m), -mantissa), field-bias)
		}
		if value < 0x1p128 {
			d.values = append(d.values, value)
		}
	}
	return d
}

// quotient returns the place of x between ordinals, which go on beyond the last value as far apart as in its binade.
func (d definedFloat) quotient(x float64) *big.Rat {
	magnitude := math.Abs(x)
	last := len(d.values) - 1
	i, found := slices.BinarySearch(d.values, magnitude)
	var lower, upper float64
	switch {
	case found:
		return signedRat(big.NewRat(int64(i), 1), x)
	case i <= last:
		lower, upper = d.values[i-1], d.values[i]
	default:
		lower, upper = d.values[last], d.values[last]+math.Max(math.Ldexp(1, math.Ilogb(d.values[last])-d.mantissa), d.values[1])
	}
	part := new(big.Rat).Sub(new(big.Rat).SetFloat64(magnitude), new(big.Rat).SetFloat64(lower))
	part.Quo(part, new(big.Rat).Sub(new(big.Rat).SetFloat64(upper), new(big.Rat).SetFloat64(lower)))
	return signedRat(part.Add(part, big.NewRat(int64(i-1), 1)), x)
}

func signedRat(q *big.Rat, x float64) *big.Rat {
	if x < 0 {
		q.Neg(q)
	}
	return q
}

// round returns what x becomes, as a float64, and whether overflow acted.
func (d definedFloat) round(x float64, rounding string, bits int, overflow string, r uint32) (value float64, clipped bool) {
	last := int64(len(d.values) - 1)
	none := func() float64 { // where there is no number
		if d.hasNaN {
			return math.NaN()
		}
		return 0
	}
	if math.IsNaN(x) {
		return none(), false
	}
	beyond := math.IsInf(x, 0)
	var ordinal int64
	if !beyond {
		rounded := defineRounding(rounding, bits, d.quotient(x), r)
		ordinal, beyond = rounded.Int64(), rounded.CmpAbs(big.NewInt(last)) > 0
	}
	if !beyond {
		value = d.values[max(ordinal, -ordinal)]
		if ordinal < 0 || ordinal == 0 && math.Signbit(x) && d.negative {
			value = -value
		}
		return value, false
	}
	towardsZero := !math.IsInf(x, 0) && (rounding == "trunc" || rounding == "odd" || rounding == "floor" && x > 0 || rounding == "ceil" && x < 0)
	switch {
	case overflow == "zero" && d.negative:
		return math.Copysign(0, x), true
	case overflow == "zero":
		return 0, true
	case overflow == "inf" && !towardsZero && d.infinity:
		return math.Copysign(math.Inf(1), x), !math.IsInf(x, 0)
	case overflow == "inf" && !towardsZero:
		return math.NaN(), true
	}
	return math.Copysign(d.values[last], x), true
}
