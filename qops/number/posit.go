package number

import (
	"fmt"
	"math"
)

// Limits of posits.
const (
	maxPositWidth    = 32
	maxPositExponent = 4
)

// positKind is the posit of N bits with ES bits of exponent (Posit Standard 2022, where ES is 2): a sign, a run of equal
// bits that counts powers of 2^(2^ES), ES bits of exponent, and the rest fraction. Codes are two's complement, and
// ordered as the values are.
type positKind struct{ linear }

var (
	_ kind     = positKind{}
	_ liner    = positKind{}
	_ refuser  = positKind{}
	_ narrower = positKind{}
	_ detailed = positKind{}
	_ latticer = positKind{}
)

func (positKind) name() string    { return "posit" }
func (positKind) example() string { return "posit:n8es2,rne" }
func (positKind) summary() string {
	return "posits of N bits with ES bits of exponent (2 in the standard of 2022); NaR for NaN and infinity"
}
func (positKind) parts(Format) parts { return parts{rounding: true} }

func (positKind) refuse(_ Format, word string) string {
	for _, w := range overflows {
		if word == w.name {
			return "posits have one overflow, the largest number: leave " + word + " out"
		}
	}
	return ""
}

func (positKind) parse(p *parser, f *Format) {
	f.width = uint8(p.number("n", "the width", 2, maxPositWidth))
	f.exponent = uint8(p.number("es", "the width of the exponent", 0, maxPositExponent))
	p.endHead()
	p.noOptions("posit")
}

func (positKind) text(f Format) string {
	return fmt.Sprintf("posit:n%des%d,%v", f.width, f.exponent, f.rounding)
}

func (positKind) points(Format) int                 { return 0 }
func (positKind) line(f Format, _ blockValues) line { return newPositLine(f) }

// beyondFloat32 compares the largest number, the fraction at 1 and the lowest bit of any number with those of float32.
func (positKind) beyondFloat32(f Format) string {
	n, es := int(f.width), int(f.exponent)
	if fraction := n - 3 - es; fraction >= maxFloat32Width {
		return fmt.Sprintf("has %d bits of fraction at 1, and float32 has %d", fraction, maxFloat32Width-1)
	}
	if f.positScale() > 127 {
		return fmt.Sprintf("reaches 2^%d, and float32 2^127", f.positScale())
	}
	for k := -1; k >= 2-n; k-- { // the powers of 2^(2^ES) below 1
		fraction := max(n-1-(1-k)-es, 0)
		if low := k<<es - fraction; low < -149 {
			return fmt.Sprintf("has numbers with a bit for 2^%d, and float32 ends at 2^-149", low)
		}
	}
	return ""
}

// positScale is the binary logarithm of the largest number, and its negative that of the smallest.
func (f Format) positScale() int { return (int(f.width) - 2) << f.exponent }

func (positKind) describe(f Format) (lowest, highest, step string) {
	highest = exactDecimal(math.Ldexp(1, f.positScale()))
	return "-" + highest, highest, fmt.Sprintf("%s above 1; from 2^%d to 2^%d", exactDecimal(f.positStep()), -f.positScale(), f.positScale())
}

// positStep is the distance from 1 to the next number; 0 where 1 is the largest.
func (f Format) positStep() float64 {
	l, one := newPositLine(f), int64(1)<<(f.width-2)
	_, largest := l.limits()
	return l.magnitude(min(one+1, largest)) - 1
}

func (positKind) details(f Format) details {
	notAReal := fmt.Sprintf("code %d, NaR", newPositLine(f).notAReal())
	return details{
		stepAtOne: exactDecimal(f.positStep()), smallest: exactDecimal(math.Ldexp(1, -f.positScale())),
		nan: notAReal, infinity: notAReal,
		gradient: "straight through; 0 beyond the largest number, if asked for (clipped: zero)",
	}
}

// lattice is made of the smallest number. That of posits beyond float32's range leads to no exact sum.
func (positKind) lattice(f Format) (unit, most float64, ok bool) {
	scale := f.positScale()
	return power(-scale), power(2 * scale), scale <= 127
}
