package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxCodeWidth is the number of bits of codes in memory.
const maxCodeWidth = 32

// intKind is integers with a scale and a zero point: code = round(x/scale) + zero, value = (code - zero) * scale
// rounded once to the tensor's type.
type intKind struct{ linear }

var (
	_ kind        = intKind{}
	_ blockScaler = intKind{}
	_ fitter      = intKind{}
)

func (intKind) name() string    { return "int" }
func (intKind) example() string { return "int:w8,scale=max,rne,sat" }
func (intKind) summary() string {
	return "integers of W bits with a scale (a number, max, a percentile, mse or run), zero=0 or zero=auto"
}

func (k intKind) parts(f Format) parts {
	known := k.linear.parts(f)
	known.options = []string{"scale", "zero", "block", "axis"}
	return known
}

func (intKind) parse(p *parser, f *Format) {
	f.width = uint8(p.number("w", "the width", 2, maxCodeWidth))
	p.endHead()
	f.parseScale(p)
	value, at := p.option("zero")
	switch value {
	case "", "0":
	case "auto":
		f.zeroAuto = true
		if f.scaleRule == ScaleGiven {
			p.fail(at, "zero=auto chooses the scale too: use it with scale=max, pct, mse or run")
		}
	default:
		p.fail(at, "zero must be 0 or auto, got %q", value)
	}
	p.blockOption(f)
}

// parseScale reads scale=, which has no default.
func (f *Format) parseScale(p *parser) {
	value, at := p.option("scale")
	percent, isPercentile := strings.CutPrefix(value, "pct")
	switch {
	case value == "":
		p.fail(len(p.body), "the scale is missing: scale=NUMBER, scale=max, scale=pct99.9, scale=mse or scale=run")
	case value == "max":
		f.scaleRule = ScaleMax
	case value == "mse":
		f.scaleRule = ScaleLeastSquares
	case value == "run":
		f.scaleRule = ScaleRun
	case isPercentile:
		f.scaleRule, f.scale = ScalePercentile, p.percentile(percent, at+3)
	default:
		scale, err := strconv.ParseFloat(value, 64)
		if err != nil || !(scale > 0 && scale <= math.MaxFloat32) || strings.ContainsAny(value, "xX_+") {
			p.fail(at, "the scale must be max, pct99.9, mse, run or a positive number of float32's range, got %q", value)
			return
		}
		f.scale = scale
	}
}

func (k intKind) text(f Format) string {
	var out strings.Builder
	fmt.Fprintf(&out, "int:w%d,scale=%s", f.width, scaleText(f))
	if f.zeroAuto {
		out.WriteString(",zero=" + zeroText(f))
	}
	out.WriteString(f.blockText())
	fmt.Fprintf(&out, ",%v,%v", f.rounding, f.overflow)
	return out.String()
}

// percentile reads a number above 0 and up to 100.
func (p *parser) percentile(s string, at int) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0 && n <= 100) || strings.ContainsAny(s, "xX_+eE") {
		p.fail(at, "the percentile must be a number above 0 and up to 100, got %q", s)
		return 100
	}
	return n
}

// scaleText is the value of scale=.
func scaleText(f Format) string {
	switch f.scaleRule {
	case ScaleGiven:
		return decimal(f.scale)
	case ScalePercentile:
		return "pct" + decimal(f.scale)
	default:
		return f.scaleRule.String()
	}
}

// decimal is the shortest decimal that reads back, without the plus that a shell or a suffix could take for its own.
func decimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "+", "", 1)
}

func zeroText(f Format) string {
	if f.zeroAuto {
		return "auto"
	}
	return "0"
}

func (intKind) step(f Format) float64 {
	if f.scaleRule != ScaleGiven {
		return 0
	}
	return f.scale
}

func (intKind) reads(f Format) statistic {
	switch {
	case f.scaleRule != ScaleMax:
		return nothing
	case f.zeroAuto:
		return extremes
	default:
		return magnitude
	}
}

// scale is, without zero=auto, float32(max|x| / (2^(w-1)-1)); with it,
//
//	scale = float32((max(x,0) - min(x,0)) / (2^w-1))
//	zero  = rne(-2^(w-1) - min(x,0)/scale), clamped to the codes
//
// and 1 where the scale would be 0. Scales are float32 numbers for tensors of any type, so that hardware can have them.
func (intKind) scale(f Format, lo, hi float64) (step float64, zero int32) {
	if !f.zeroAuto {
		return float32Scale(max(-lo, hi) / (math.Ldexp(1, int(f.width)-1) - 1)), 0
	}
	lo, hi = min(lo, 0), max(hi, 0)
	step = float32Scale((hi - lo) / (math.Ldexp(1, int(f.width)) - 1))
	lowest, highest := f.CodeRange()
	// 2^(w-1) is even, so rne(-2^(w-1) - q) = -2^(w-1) + rne(-q).
	q := divide(-lo, step)
	code := q.floor
	if NearestEven.up(q, false, 0) {
		code++
	}
	if q.far {
		code = 1 << 62
	}
	return step, int32(min(max(code-1<<(f.width-1), lowest), highest))
}

// float32Scale rounds a scale to float32; 1 takes the place of 0, and the largest float32 that of infinity.
func float32Scale(scale float64) float64 {
	rounded := float64(float32(min(scale, math.MaxFloat32)))
	if rounded == 0 {
		return 1
	}
	return rounded
}

func (intKind) blockBits(f Format) int {
	switch {
	case f.scaleRule == ScaleGiven:
		return 0
	case f.zeroAuto:
		return 32 + int(f.width)
	default:
		return 32
	}
}

func (intKind) describe(f Format) (lowest, highest, step string) {
	lo, hi := f.CodeRange()
	if f.scaleRule == ScaleGiven {
		return exactDecimal(float64(lo) * f.scale), exactDecimal(float64(hi) * f.scale), exactDecimal(f.scale)
	}
	if f.zeroAuto {
		return fmt.Sprintf("(%d - zero) * scale", lo), fmt.Sprintf("(%d - zero) * scale", hi), "scale"
	}
	return fmt.Sprintf("%d * scale", lo), fmt.Sprintf("%d * scale", hi), "scale"
}
