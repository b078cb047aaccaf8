package number

import (
	"fmt"
	"math"
)

// Limits of block floating point.
const (
	maxBFPWidth    = maxFixedWidth
	maxBFPExponent = 8 // that of float32

	minFloat32Exponent = -126
)

// bfpKind is block floating point: two's complement mantissas that share an exponent,
//
//	E = clamp(floor(log2 max|x|), -2^(e-1), 2^(e-1)-1),  value = code * 2^(E-w+2)
type bfpKind struct{ linear }

var (
	_ kind        = bfpKind{}
	_ blockScaler = bfpKind{}
	_ fitter      = bfpKind{}
	_ liner       = bfpKind{}
	_ poisoner    = bfpKind{}
	_ stepper     = bfpKind{}
)

func (bfpKind) name() string    { return "bfp" }
func (bfpKind) example() string { return "bfp:w8e8,block=sample,sr,sat" }
func (bfpKind) summary() string {
	return "block floating point: mantissas of W bits (two's complement), an exponent of E bits per block"
}

func (k bfpKind) parts(f Format) parts {
	known := k.linear.parts(f)
	known.options = []string{"block", "axis"}
	known.compats = []compat{qpytorch, swalp}
	return known
}

func (bfpKind) parse(p *parser, f *Format) {
	f.width = uint8(p.number("w", "the width of the mantissa", 2, maxBFPWidth))
	f.exponent = uint8(p.number("e", "the width of the exponent", 1, maxBFPExponent))
	p.endHead()
	p.blockOption(f)
	f.scaleRule = ScaleMax
}

func (bfpKind) text(f Format) string {
	return fmt.Sprintf("bfp:w%de%d%s,%v,%v", f.width, f.exponent, f.blockText(), f.rounding, f.overflow)
}

func (bfpKind) reads(Format) statistic { return magnitude }

// exponents is the range of a block's exponent.
func exponents(f Format) (lo, hi int) {
	half := 1 << (f.exponent - 1)
	return -half, half - 1
}

// scale takes the exponent from the bits of the largest magnitude. A block of zeros has the lowest exponent.
func (bfpKind) scale(f Format, lo, hi float64) (step float64, zero int32) {
	lowest, highest := exponents(f)
	e := lowest
	if f.compat == qpytorch { // elements are float32 numbers
		if hi = float64(float32(max(-lo, hi))); hi-hi != 0 {
			return math.NaN(), 0
		}
	}
	if largest := max(-lo, hi); largest > 0 {
		e = min(max(floorLog2(largest), lowest), highest)
	}
	if f.compat == qpytorch && e < minFloat32Exponent { // all of these are rounded alike
		e = lowest
	}
	return math.Ldexp(1, e-int(f.width)+2), 0
}

// poisoned: QPyTorch makes blocks NaN that hold a NaN or an infinity.
func (bfpKind) poisoned(f Format) bool { return f.compat == qpytorch }

// allowsStep: a block that is NaN has the step NaN.
func (bfpKind) allowsStep(f Format, step float64) bool {
	return f.compat == qpytorch && math.IsNaN(step)
}

// fits: SWALP's code takes NaN and infinities into the maximum.
func (bfpKind) fits(f Format) bool { return f.compat == swalp }

func (k bfpKind) fit(f Format, x []float64, _ int) blockValues {
	var most float64
	for _, v := range x {
		most = max(most, math.Abs(v)) // NaN stays
	}
	step, _ := k.scale(f, 0, min(float64(float32(most)), math.MaxFloat32))
	if most > 0 {
		step = math.Ldexp(1, swalpExponent(f, most)-int(f.width)+2)
	}
	return blockValues{step: step, points: []float64{most}}
}

// points is 1, the maximum, for the blocks of SWALP's code.
func (bfpKind) points(f Format) int {
	if f.compat == swalp {
		return 1
	}
	return 0
}

func (bfpKind) line(f Format, v blockValues) line {
	switch f.compat {
	case qpytorch:
		return newQPyTorchBlock(f, v.step)
	case swalp:
		return swalpBlock{peerLine{f, v.step}, math.Ilogb(v.step) + int(f.width) - 2, v.points[0] == 0}
	}
	return nil
}

func (bfpKind) blockBits(f Format) int { return int(f.exponent) }

func (bfpKind) describe(f Format) (lowest, highest, step string) {
	lo, hi := f.CodeRange()
	fraction := int(f.width) - 2
	low, high := exponents(f)
	return fmt.Sprintf("%s * 2^E", exactDecimal(math.Ldexp(float64(lo), -fraction))),
		fmt.Sprintf("%s * 2^E", exactDecimal(math.Ldexp(float64(hi), -fraction))),
		fmt.Sprintf("2^(E%+d), E = floor(log2 max|x|) in %d to %d", -fraction, low, high)
}
