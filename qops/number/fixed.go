package number

import (
	"fmt"
	"math"
)

// Limits of fixed point. Every value is a float64, and a float32 up to 24 bits: the step is at least the smallest
// float32, the values stay below 2^128.
const (
	maxFixedWidth    = 53
	maxFloat32Width  = 24
	maxFixedFraction = 149
	maxFixedInteger  = 128 // width - fraction
)

// fixedKind is fixed point, two's complement or unsigned: value = code * 2^-fraction.
type fixedKind struct{ linear }

var (
	_ kind  = fixedKind{}
	_ liner = fixedKind{}
)

func (fixedKind) name() string    { return "fixed" }
func (fixedKind) example() string { return "fixed:w8f4,rne,sat" }
func (fixedKind) summary() string {
	return "fixed point: wWfF two's complement, uWfF unsigned, W bits, F of them fraction"
}

func (k fixedKind) parts(f Format) parts {
	known := k.linear.parts(f)
	known.compats = []compat{qpytorch}
	known.options = []string{"order"}
	return known
}

func (fixedKind) points(Format) int { return 0 }

func (fixedKind) line(f Format, _ blockValues) line {
	if f.compat == qpytorch {
		return qpytorchFixed{peerLine{f, f.Step()}}
	}
	return nil
}

func (fixedKind) parse(p *parser, f *Format) {
	letter := "w"
	if len(p.head) > 0 && p.head[0] == 'u' {
		letter, f.unsigned = "u", true
	}
	f.width = uint8(p.number(letter, "the width", 1, maxFixedWidth))
	f.fraction = int16(p.number("f", "the fraction", int(f.width)-maxFixedInteger, maxFixedFraction))
	p.orderOption(f)
	p.endHead()
}

func (k fixedKind) text(f Format) string {
	letter := "w"
	if f.unsigned {
		letter = "u"
	}
	return fmt.Sprintf("fixed:%s%df%d,%v,%v", letter, f.width, f.fraction, f.rounding, f.overflow)
}

func (fixedKind) step(f Format) float64 { return math.Ldexp(1, -int(f.fraction)) }

func (k fixedKind) describe(f Format) (lowest, highest, step string) {
	lo, hi := f.CodeRange()
	unit := k.step(f)
	return exactDecimal(float64(lo) * unit), exactDecimal(float64(hi) * unit), fmt.Sprintf("%s = 2^%d", exactDecimal(unit), -f.fraction)
}
