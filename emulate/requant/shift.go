package requant

import (
	"math"

	"github.com/pkg/errors"
)

// A shift rule takes scales that are powers of two, so that requantization is one shift and one rounding:
//
//	y = round(acc * 2^Shift)
//
// acc has up to 48 bits, -62 <= Shift <= 14, so that a left shift never overflows 64 bits; shifts beyond are limited to
// that range. Multiplier.M is 0.
type shift struct {
	name, formula, ties, source string
	// round divides acc by 2^right, 1 <= right <= 62, |acc| < 2^62.
	round func(acc int64, right uint) int64
}

const (
	shiftAccumulatorBits = 48
	minShift             = -62
	maxShift             = 14
)

// One rule for each rounding.
var (
	// shiftNearestEven rounds to nearest, ties to even: the rounding of Gemmini's ROUNDING_RIGHT_SHIFT and of Tensil.
	shiftNearestEven = shift{
		name: "shift.rne", formula: "(acc + 2^(r-1) - 1 + bit r of acc) >> r, r = -Shift", ties: "to even",
		source: "Gemmini PE shift; Tensil MAC",
		round: func(acc int64, right uint) int64 {
			odd := acc >> right & 1
			return (acc + 1<<(right-1) - 1 + odd) >> right
		},
	}
	// shiftNearestAway rounds to nearest, ties away from zero: gemmlowp's RoundingDivideByPOT, NVDLA's convertor.
	shiftNearestAway = shift{
		name: "shift.rna", formula: "(acc + 2^(r-1) - (acc < 0)) >> r, r = -Shift", ties: "away from zero",
		source: "gemmlowp RoundingDivideByPOT; NVDLA SDP convertor",
		round: func(acc int64, right uint) int64 {
			half := int64(1) << (right - 1)
			if acc < 0 {
				half--
			}
			return (acc + half) >> right
		},
	}
	// shiftNearestUp rounds to nearest, ties to +infinity: one adder, ap_fixed's AP_RND.
	shiftNearestUp = shift{
		name: "shift.rnu", formula: "(acc + 2^(r-1)) >> r, r = -Shift", ties: "up",
		source: "Xilinx ap_fixed AP_RND",
		round:  func(acc int64, right uint) int64 { return (acc + 1<<(right-1)) >> right },
	}
	// shiftFloor drops the bits below the cut: TVM VTA's ALU, ap_fixed's AP_TRN.
	shiftFloor = shift{
		name: "shift.floor", formula: "acc >> r, r = -Shift", ties: "no rounding: floor",
		source: "TVM VTA ALU SHR; Xilinx ap_fixed AP_TRN",
		round:  func(acc int64, right uint) int64 { return acc >> right },
	}
)

func (s shift) Name() string { return s.name }

func (s shift) Info() Info {
	return Info{
		Formula: s.formula, Ties: s.ties, Source: s.source,
		AccumulatorBits: shiftAccumulatorBits, MinShift: minShift, MaxShift: maxShift,
	}
}

// Multiplier is the exponent of a scale that is a power of two; any other scale is an error.
func (s shift) Multiplier(scale float64) (Multiplier, error) {
	if err := checkScale(s.name, scale); err != nil {
		return Multiplier{}, err
	}
	q, exponent := math.Frexp(scale)
	if q != 0.5 {
		return Multiplier{}, errors.Errorf("%s: scale %v is not a power of two; use formats whose scales are powers of two, or a rule with a multiplier such as tflite.single", s.name, scale)
	}
	exponent-- // Frexp gives 0.5 * 2^exponent
	if exponent < minShift || exponent > maxShift {
		return Multiplier{}, errors.Errorf("%s: scale 2^%d is outside 2^%d..2^%d; choose an output scale nearer to that of the accumulator", s.name, exponent, minShift, maxShift)
	}
	return Multiplier{Shift: exponent}, nil
}

func (s shift) Apply(acc int64, m Multiplier) int64 {
	n := limitShift(m.Shift, minShift, maxShift)
	if n >= 0 {
		return acc << uint(n)
	}
	return s.round(acc, uint(-n))
}
