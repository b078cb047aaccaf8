package round

import (
	"fmt"
	"math"
)

// namedMinifloat is a format with the bias of its exponent.
type namedMinifloat struct {
	name string
	Minifloat
	bias int
}

// minifloatOf returns the format of e bits of exponent and m of mantissa, whose codes above max are no numbers.
func minifloatOf(name string, e, m, bias int, maxCode uint32, nan uint16, infinite, unsignedZero bool) namedMinifloat {
	f := namedMinifloat{name: name, bias: bias, Minifloat: Minifloat{
		Mantissa: m, MinExponent: 1 - bias, Max: maxCode, Width: 1 + e + m, SignedZero: !unsignedZero, NaNCode: nan,
	}}
	if nan != 0 {
		f.NaN = float32(math.NaN())
	}
	if f.Width > 16 {
		f.Width = 0
	}
	if infinite {
		return f.overflow(math.Inf(1), maxCode+1)
	}
	return f.overflow(f.decode(maxCode), maxCode)
}

// overflow makes a value what all that lies beyond the largest number becomes.
func (f namedMinifloat) overflow(value float64, code uint32) namedMinifloat {
	f.Over = [2]float32{float32(value), float32(-value)}
	if f.Width > 0 {
		f.OverCode = [2]uint16{uint16(code), uint16(code | 1<<(f.Width-1))}
	}
	f.Infinity, f.InfinityCode = f.Over, f.OverCode
	return f
}

func (f namedMinifloat) saturating() namedMinifloat {
	f.name += " saturating"
	return f.overflow(f.decode(f.Max), f.Max)
}

// decode is the textbook's value of a magnitude's code, in float64: exponent field, and mantissa with a hidden one if
// the field is not 0.
func (f namedMinifloat) decode(code uint32) float64 {
	field, fraction := int(code>>f.Mantissa), float64(code&(1<<f.Mantissa-1))/float64(int(1)<<f.Mantissa)
	if field == 0 {
		return math.Ldexp(fraction, 1-f.bias+f.Scale)
	}
	return math.Ldexp(1+fraction, field-f.bias+f.Scale)
}

// ieeeOf is the format with infinities and NaN in the highest exponent.
func ieeeOf(e, m int) namedMinifloat {
	all := uint32(1)<<(e+m) - 1
	return minifloatOf(fmt.Sprintf("e%dm%d", e, m), e, m, 1<<(e-1)-1, all-1<<m, uint16(all-1<<m/2), true, false)
}

// finiteOf is the format in which all codes are numbers.
func finiteOf(e, m int) namedMinifloat {
	return minifloatOf(fmt.Sprintf("e%dm%d all numbers", e, m), e, m, 1<<(e-1)-1, 1<<(e+m)-1, 0, false, false)
}

// testMinifloats are formats of all sorts: those of the OCP, of IEEE 754, of accelerators, and the ends of what there is.
func testMinifloats() []namedMinifloat {
	e4m3fn := minifloatOf("e4m3fn", 4, 3, 7, 0x7e, 0x7f, false, false)
	e4m3fnNaN := e4m3fn.overflow(math.NaN(), 0x7f)
	e4m3fnNaN.name = "e4m3fn, NaN beyond"
	fnuz := minifloatOf("e4m3fnuz", 4, 3, 8, 0x7f, 0x80, false, true)
	fnuzNaN := fnuz
	fnuzNaN.name = "e4m3fnuz, NaN beyond"
	nan := float32(math.NaN())
	fnuzNaN.Over, fnuzNaN.OverCode = [2]float32{nan, nan}, [2]uint16{0x80, 0x80}
	fnuzNaN.Infinity, fnuzNaN.InfinityCode = fnuzNaN.Over, fnuzNaN.OverCode
	toZero := finiteOf(5, 2).overflow(0, 0)
	toZero.name = "e5m2, zero beyond"
	float32s := minifloatOf("float32", 8, 23, 127, 0x7f7fffff, 1, true, false)
	return []namedMinifloat{
		ieeeOf(5, 2), ieeeOf(5, 2).saturating(), e4m3fn, e4m3fnNaN, fnuz, fnuzNaN, finiteOf(3, 2), finiteOf(2, 3), finiteOf(2, 1), finiteOf(1, 2),
		ieeeOf(8, 7), ieeeOf(5, 10), finiteOf(3, 0), minifloatOf("e8m0", 8, 0, 127, 254, 255, false, false), float32s,
		toZero, ieeeOf(6, 9), ieeeOf(4, 14), ieeeOf(4, 15), ieeeOf(7, 16), ieeeOf(8, 10), minifloatOf("e7m0", 7, 0, 63, 127, 0, false, true),
	}
}
