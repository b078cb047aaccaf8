package number

import (
	"math"
	"math/big"
)

// The definition of rounding and overflow in rational numbers, written from the documentation and sharing nothing with
// the package but the description of a format.

// defineRounding returns the integer that q becomes. r is a draw of 16 random bits.
func defineRounding(name string, bits int, q *big.Rat, r uint32) *big.Int {
	floor := ratFloor(q)
	if bits > 0 {
		scaled := new(big.Rat).Mul(q, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(bits))))
		sum := ratFloor(scaled)
		sum.Add(sum, big.NewInt(int64(r>>(16-bits))))
		return sum.Rsh(sum, uint(bits))
	}
	fraction := new(big.Rat).Sub(q, new(big.Rat).SetInt(floor))
	if fraction.Sign() == 0 {
		return floor
	}
	ceil := new(big.Int).Add(floor, big.NewInt(1))
	even, odd := floor, ceil
	if floor.Bit(0) == 1 {
		even, odd = ceil, floor
	}
	toZero, away := floor, ceil
	if q.Sign() < 0 {
		toZero, away = ceil, floor
	}
	switch name {
	case "floor":
		return floor
	case "ceil":
		return ceil
	case "trunc":
		return toZero
	case "odd":
		return odd
	}
	if side := fraction.Cmp(big.NewRat(1, 2)); side < 0 {
		return floor
	} else if side > 0 {
		return ceil
	}
	return map[string]*big.Int{"rne": even, "rna": away, "rnu": ceil, "rnd": floor, "rnz": toZero}[name]
}

func ratFloor(q *big.Rat) *big.Int {
	return new(big.Int).Div(q.Num(), q.Denom()) // Euclidean, and the denominator is positive
}

// defineCode returns the code of x on the grid (code - zero) * step, and whether overflow acted.
func defineCode(f Format, x, step float64, zero int32, r uint32) (code int64, clipped bool) {
	if math.IsNaN(x) {
		return int64(zero), false
	}
	one := big.NewInt(1)
	half := new(big.Int).Lsh(one, uint(f.Width()-1))
	all := new(big.Int).Lsh(one, uint(f.Width()))
	lo, hi := new(big.Int).Neg(half), new(big.Int).Sub(half, one)
	if f.Unsigned() {
		lo, hi = new(big.Int), new(big.Int).Sub(all, one)
	} else if f.Overflow() == Symmetric {
		lo.Add(lo, one)
	}
	// Ends of the range whose values are infinite as float32 are not used: those from 2^128 - 2^103, the middle between
	// the largest float32 and 2^128.
	threshold := new(big.Rat).Quo(new(big.Rat).SetFloat64(0x1p128-0x1p103), new(big.Rat).SetFloat64(step))
	farthest := new(big.Int).Neg(ratFloor(threshold.Neg(threshold))) // the ceiling
	farthest.Sub(farthest, one)
	point := big.NewInt(int64(zero))
	if least := new(big.Int).Sub(point, farthest); lo.Cmp(least) < 0 {
		lo = least
	}
	if most := new(big.Int).Add(point, farthest); hi.Cmp(most) > 0 {
		hi = most
	}
	inside := func(c *big.Int) int64 {
		if c.Cmp(lo) < 0 {
			c = lo
		}
		if c.Cmp(hi) > 0 {
			c = hi
		}
		return c.Int64()
	}
	rounded := new(big.Int)
	if math.IsInf(x, 0) {
		rounded.Lsh(one, 300)
		if x < 0 {
			rounded.Neg(rounded)
		}
	} else {
		q := new(big.Rat).Quo(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(step))
		rounded = defineRounding(f.Rounding().String(), f.Rounding().Bits(), q, r)
		rounded.Add(rounded, big.NewInt(int64(zero)))
	}
	if rounded.Cmp(lo) >= 0 && rounded.Cmp(hi) <= 0 {
		return rounded.Int64(), false
	}
	switch {
	case f.Overflow() == Zero:
		return int64(zero), true
	case f.Overflow() == Wrap && !math.IsInf(x, 0):
		wrapped := new(big.Int).Mod(rounded, all) // 0 to 2^w - 1
		if !f.Unsigned() && wrapped.Cmp(half) >= 0 {
			wrapped.Sub(wrapped, all)
		}
		return inside(wrapped), true
	}
	return inside(rounded), true
}

// defineValue returns (code - zero) * step rounded once to T.
func defineValue[T Float](code int64, zero int32, step float64) T {
	offset := big.NewRat(code-int64(zero), 1)
	exact := offset.Mul(offset, new(big.Rat).SetFloat64(step))
	if isFloat32[T]() {
		v, _ := exact.Float32()
		return T(v) + 0
	}
	v, _ := exact.Float64()
	return T(v) + 0
}

// defineScale returns step and zero point of a block.
func defineScale(f Format, block []float64) (step float64, zero int32) {
	var lo, hi float64
	for _, x := range block {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			lo, hi = math.Min(lo, x), math.Max(hi, x)
		}
	}
	largest := math.Max(-lo, hi)
	w := f.Width()
	switch {
	case f.Kind() == "fixed":
		return math.Ldexp(1, -f.Fraction()), 0
	case f.Kind() == "bfp":
		least, most := -1<<(f.ExponentWidth()-1), 1<<(f.ExponentWidth()-1)-1
		e := least
		if largest > 0 {
			_, exponent := math.Frexp(largest) // largest = fraction * 2^exponent, fraction in [1/2, 1)
			e = min(max(exponent-1, least), most)
		}
		return math.Ldexp(1, e-w+2), 0
	case f.ScaleRule() == ScaleGiven:
		return f.Step(), 0
	case !f.ZeroAuto():
		return orOne(largest / float64(int64(1)<<(w-1)-1)), 0
	}
	step = orOne((hi - lo) / float64(int64(1)<<w-1))
	q := new(big.Rat).Quo(new(big.Rat).SetFloat64(-lo), new(big.Rat).SetFloat64(step))
	q.Sub(q, new(big.Rat).SetInt64(1<<(w-1)))
	point := defineRounding("rne", 0, q, 0)
	least, most := big.NewInt(-1<<(w-1)), big.NewInt(1<<(w-1)-1)
	if f.Overflow() == Symmetric {
		least.Add(least, big.NewInt(1))
	}
	if point.Cmp(least) < 0 {
		point = least
	}
	if point.Cmp(most) > 0 {
		point = most
	}
	return step, int32(point.Int64())
}

func orOne(scale float64) float64 {
	rounded := float64(float32(math.Min(scale, math.MaxFloat32)))
	if rounded == 0 {
		return 1
	}
	return rounded
}
