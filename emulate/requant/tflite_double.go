package requant

import (
	"math"

	"github.com/pkg/errors"
)

// tfliteDouble is TFLite's MultiplyByQuantizedMultiplier as built by default, which rounds twice:
//
//	y = RDBPOT(SRDHM(acc << max(Shift, 0), M), max(-Shift, 0))
//	SRDHM(a, b)  = (a*b + 2^30) >> 31, INT_MAX when a = b = INT_MIN     (SaturatingRoundingDoublingHighMul)
//	RDBPOT(x, e) = x / 2^e rounded to nearest                           (RoundingDivideByPOT)
//
// Ties of the first rounding go up (to +infinity), of the second away from zero. acc is an int32, -31 <= Shift <= 30.
//
// With Shift > 0, acc << Shift must fit an int32, says TFLite's contract; otherwise its low 32 bits are taken, as the
// compiled reference does. An acc beyond 32 bits enters with its low 32 bits.
//
// Source: gemmlowp fixedpoint/fixedpoint.h; tflite-micro tensorflow/lite/kernels/internal/common.cc.
type tfliteDouble struct{}

func (tfliteDouble) Name() string { return "tflite.double" }

func (tfliteDouble) Info() Info {
	return Info{
		Formula:         "RDBPOT(((acc<<max(Shift,0))*M + 2^30) >> 31, max(-Shift,0))",
		Ties:            "up at the product, then away from zero at the shift",
		Source:          "gemmlowp fixedpoint.h; tflite-micro common.cc",
		AccumulatorBits: 32, MultiplierBits: 31, MinShift: -31, MaxShift: 30,
	}
}

// Multiplier is QuantizeMultiplier. A scale of 2^30 or more is an error: TFLite would shift by more than an int32 has.
func (r tfliteDouble) Multiplier(scale float64) (Multiplier, error) {
	if err := checkScale(r.Name(), scale); err != nil {
		return Multiplier{}, err
	}
	m := QuantizeMultiplier(scale)
	if m.Shift > 30 {
		return Multiplier{}, errors.Errorf("%s: scale %v is not below 2^30; choose a larger output scale", r.Name(), scale)
	}
	return m, nil
}

func (tfliteDouble) Apply(acc int64, m Multiplier) int64 {
	shift := limitShift(m.Shift, -31, 30)
	left, right := uint(max(shift, 0)), uint(max(-shift, 0))
	return int64(roundingDivideByPOT(saturatingRoundingDoublingHighMul(int32(acc)<<left, m.M), right))
}

// saturatingRoundingDoublingHighMul is gemmlowp's function (ARM's VQRDMULH), in the form without a division: the
// truncating division of the reference, with its nudge by the sign, equals one arithmetic shift.
func saturatingRoundingDoublingHighMul(a, b int32) int32 {
	if a == math.MinInt32 && b == math.MinInt32 {
		return math.MaxInt32
	}
	return int32((int64(a)*int64(b) + 1<<30) >> 31)
}

// roundingDivideByPOT is x / 2^e rounded to nearest, ties away from zero, for 0 <= e <= 31.
func roundingDivideByPOT(x int32, e uint) int32 {
	if e == 0 {
		return x
	}
	nudge := int64(1) << (e - 1)
	if x < 0 {
		nudge--
	}
	return int32((int64(x) + nudge) >> e)
}
