package requant

import "github.com/pkg/errors"

// addLeftShift gives the sum of two 8-bit operands 20 more bits before they are scaled, as LiteRT does.
const addLeftShift = 20

// Affine says which values the codes of a tensor stand for: value = (code - Zero) * Scale.
type Affine struct {
	Scale float64
	Zero  int32
}

// Add is LiteRT's int8 ADD of two tensors of different scales, with any rule in the place of its
// MultiplyByQuantizedMultiplier:
//
//	x_i = rule((code_i - zero_i) << 20, s_i / (2*max(s_1, s_2)))
//	y   = rule(x_1 + x_2, 2*max(s_1, s_2) / (2^20 * s_y)) + zero_y,  clamped to Lo..Hi
//
// Codes have at most 8 bits: every intermediate then fits an int32.
//
// Source: tensorflow/lite/kernels/add.cc (multipliers) and internal/reference/integer_ops/add.h.
type Add struct {
	rule       Rule
	zero       [2]int32
	input      [2]Multiplier
	output     Multiplier
	outputZero int32
	Lo, Hi     int32
}

// NewAdd derives the multipliers of an addition. It is an error if the rule cannot represent one of the scales.
func NewAdd(rule Rule, a, b, y Affine, lo, hi int32) (*Add, error) {
	if !(a.Scale > 0) || !(b.Scale > 0) || !(y.Scale > 0) {
		return nil, errors.Errorf("addition of scales %v and %v to %v: scales must be positive", a.Scale, b.Scale, y.Scale)
	}
	twiceMax := 2 * max(a.Scale, b.Scale)
	add := &Add{rule: rule, zero: [2]int32{a.Zero, b.Zero}, outputZero: y.Zero, Lo: lo, Hi: hi}
	for i, scale := range []float64{a.Scale, b.Scale} {
		m, err := rule.Multiplier(scale / twiceMax)
		if err != nil {
			return nil, errors.Wrapf(err, "operand %d of an addition", i+1)
		}
		add.input[i] = m
	}
	m, err := rule.Multiplier(twiceMax / (float64(1<<addLeftShift) * y.Scale))
	if err != nil {
		return nil, errors.Wrap(err, "output of an addition")
	}
	add.output = m
	return add, nil
}

// Apply adds two codes.
func (a *Add) Apply(x, y int32) int32 {
	left := a.rule.Apply(int64(x-a.zero[0])<<addLeftShift, a.input[0])
	right := a.rule.Apply(int64(y-a.zero[1])<<addLeftShift, a.input[1])
	sum := a.rule.Apply(left+right, a.output) + int64(a.outputZero)
	return int32(Clamp(sum, int64(a.Lo), int64(a.Hi)))
}
