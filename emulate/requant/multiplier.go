package requant

import (
	"math"

	"github.com/pkg/errors"
)

// QuantizeMultiplier splits a scale into a 31-bit multiplier and a shift, as TFLite's function of that name does:
//
//	scale = q * 2^shift with q in [0.5, 1),  M = round(q * 2^31), ties away from zero
//
// M = 2^31 is halved and the shift raised. A shift below -31 gives M = 0, shift = 0: every result is then 0.
// The caller deals with large shifts, on which TFLite's two builds differ.
//
// Source: tensorflow/lite/kernels/internal/quantization_util.cc.
func QuantizeMultiplier(scale float64) Multiplier {
	if scale == 0 {
		return Multiplier{}
	}
	q, shift := math.Frexp(scale)
	m := int64(math.Round(q * (1 << 31))) // the product is exact: a power of two
	if m == 1<<31 {
		m /= 2
		shift++
	}
	if shift < -31 {
		return Multiplier{}
	}
	return Multiplier{M: int32(m), Shift: shift}
}

// EffectiveScale is the real factor from an accumulator to an output code, taken as TFLite takes it for a layer with one
// weight scale per channel: float64(input) * float64(weight) / float64(output), each operation rounded once.
func EffectiveScale(input, weight, output float64) float64 {
	return float64(input*weight) / output
}

// float32Multiplier splits a scale, taken as float32, into its 24-bit significand and a shift:
// scale = M * 2^(Shift-31) exactly.
func float32Multiplier(rule string, scale float64, minShift, maxShift int) (Multiplier, error) {
	if err := checkScale(rule, scale); err != nil {
		return Multiplier{}, err
	}
	q, exponent := math.Frexp(float64(float32(scale)))
	m := Multiplier{M: int32(q * (1 << 24)), Shift: exponent - 24 + 31}
	if m.M == 0 || m.Shift < minShift || m.Shift > maxShift {
		return Multiplier{}, errors.Errorf("%s: scale %v is outside 2^%d..2^%d; choose output scales nearer to those of the accumulator",
			rule, scale, minShift-31+23, maxShift-31+24)
	}
	return m, nil
}
