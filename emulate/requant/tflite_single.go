package requant

import "math"

// tfliteSingle is TFLite's MultiplyByQuantizedMultiplier in the build with TFLITE_SINGLE_ROUNDING, ruy's reference, and
// CMSIS-NN with CMSIS_NN_USE_SINGLE_ROUNDING:
//
//	t = 31 - Shift,  y = (acc*M + 2^(t-1)) >> t      in 64 bits
//
// Ties go up (to +infinity). acc is an int32, M >= 0, -31 <= Shift <= 30.
//
// With Shift <= 0 the result always fits an int32. With Shift > 0 it may not, which TFLite's contract excludes; its low
// 32 bits are then taken, as the compiled reference does. An acc beyond 32 bits enters with its low 32 bits.
//
// Source: tflite-micro tensorflow/lite/kernels/internal/common.cc; ruy apply_multiplier.cc.
type tfliteSingle struct{}

func (tfliteSingle) Name() string { return "tflite.single" }

func (tfliteSingle) Info() Info {
	return Info{
		Formula:         "(acc*M + 2^(30-Shift)) >> (31-Shift)",
		Ties:            "up",
		Source:          "tflite-micro common.cc with TFLITE_SINGLE_ROUNDING; ruy apply_multiplier.cc; CMSIS-NN",
		AccumulatorBits: 32, MultiplierBits: 31, MinShift: -31, MaxShift: 30,
	}
}

// Multiplier is QuantizeMultiplier; a scale of 2^30 or more saturates to the largest representable one, as in TFLite.
func (r tfliteSingle) Multiplier(scale float64) (Multiplier, error) {
	if err := checkScale(r.Name(), scale); err != nil {
		return Multiplier{}, err
	}
	m := QuantizeMultiplier(scale)
	if m.Shift > 30 {
		return Multiplier{M: math.MaxInt32, Shift: 30}, nil
	}
	return m, nil
}

func (tfliteSingle) Apply(acc int64, m Multiplier) int64 {
	t := uint(31 - limitShift(m.Shift, -31, 30))
	product := int64(int32(acc)) * int64(m.M)
	return int64(int32((product + 1<<(t-1)) >> t))
}
