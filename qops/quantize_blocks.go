package qops

import (
	"math"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops/number"
)

// takesBlocks is TakesBlocks of a quantize node: elements lie in any order where a block is a whole sample or the whole
// tensor, and their random bits have the order of blocks of 16 channels in every layout.
func (o *Quantize) takesBlocks(c *Call) bool {
	f := o.Format
	if !c.Out.CanBlock() || o.Given != nil || o.MarkClipped || f.IsFloat32() || f.Kind() == "int" || f.ScaleRule() == number.ScaleRun {
		return false
	}
	// Means of a block's elements depend on their order, extremes do not.
	from := f.ScalesFrom()
	return (f.Block() == number.PerTensor || f.Block() == number.PerSample) && (from == number.FromFormat || from == number.FromExtremes)
}

// TakesCodes reports whether a quantize node can give the codes of 8 bits beside its values; see Array.Coded.
func (o *Quantize) TakesCodes() bool { return hasInt8Codes(o.Format) }

// DoesWithCodes reports whether the codes and the scales say all of the values; see Array.Fleeting. They do not say the sign
// of a zero, which makes no difference to sums of products, as these begin with +0.
func (o *Quantize) DoesWithCodes() bool {
	kind := o.Format.Kind()
	return o.TakesCodes() && (kind == "fixed" || kind == "bfp")
}

// rows is the shape that a tensor in blocks is quantized in: random bits of tensors of rank 2 have the order of elements.
type rows [2]int

// of is the shape that a tensor is quantized in.
func (r *rows) of(a *Array) []int {
	if !a.Blocked {
		return a.Shape
	}
	r[0], r[1] = a.Shape[0], size(a.Shape[1:])
	return r[:]
}

// encode sets the codes of the samples lo to hi of a tensor, whose values and scales are there.
func (o *Quantize) encode(out *Array, lo, hi int) {
	steps, stride, unit := o.grid.Scales.Step, out.Size()/out.Shape[0], unitExponent(o.Format)
	for n := lo; n < hi; n++ {
		values, codes := out.F32[n*stride:(n+1)*stride], out.Bytes[n*stride:(n+1)*stride]
		step := steps[n%len(steps)]
		if fraction, e := math.Frexp(step); fraction == 0.5 && kernel.Int8Codes(codes, values, e-1+unit) {
			continue
		}
		if isZero(values, number.Blocks{Count: 1, Inner: stride}, 0) { // whatever the step
			clear(codes)
			continue
		}
		o.grid.uncoded.Store(true)
		if out.Fleeting {
			encodeSlowly(codes, values, math.Ldexp(step, unit))
		}
	}
}

// encodeSlowly sets the codes of values in any unit. One that is NaN makes all values of its block NaN.
func encodeSlowly(codes []int8, values []float32, unit float64) {
	if unit != unit {
		clear(codes)
		return
	}
	for i, v := range values {
		codes[i] = int8(float64(v) / unit)
	}
}

// decode sets dst to the values of sample n of a tensor that has its codes only.
func (a *Array) decode(dst []float32, n int) {
	steps := a.Grid.Scales.Step
	unit := math.Ldexp(steps[n%len(steps)], unitExponent(a.Grid.Format))
	for i, code := range a.Bytes[n*len(dst) : (n+1)*len(dst)] {
		dst[i] = float32(float64(code) * unit)
	}
}
