package report

import (
	"math"
	"strconv"
	"strings"
)

// Number writes v with the given count of significant digits, zeros at the end of the fraction left out: plainly where that
// takes few zeros, and then with all digits before the point, else as 1.2e-9. Not a number and the infinities are NaN, Inf and -Inf.
func Number(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, 64), "+")
	case v == 0:
		return "0"
	}
	mantissa, exponent := scientific(v, max(digits, 1))
	if exponent < -4 || exponent >= max(digits, 6) {
		return mantissa + "e" + strconv.Itoa(exponent)
	}
	return plain(v, max(digits-1-exponent, 0))
}

// scientific splits v, rounded to significant digits, into a mantissa of at least 1 and less than 10, and an exponent.
func scientific(v float64, digits int) (mantissa string, exponent int) {
	mantissa, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	exponent, _ = strconv.Atoi(e) // written by the line before
	return shorten(mantissa), exponent
}

// plain writes v with at most the given decimals.
func plain(v float64, decimals int) string {
	s := shorten(strconv.FormatFloat(v, 'f', decimals, 64))
	if s == "-0" {
		return "0"
	}
	return s
}

// shorten takes the zeros at the end of a fraction away.
func shorten(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

var superscript = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷",
	"8", "⁸", "9", "⁹")

// power writes mantissa times a power of ten as people do; a mantissa of 1 is left out.
func power(mantissa string, exponent int) string {
	ten := "10" + superscript.Replace(strconv.Itoa(exponent))
	if mantissa == "1" {
		return ten
	}
	return mantissa + "×" + ten
}
