package requant

import "math"

// AffineQuantize is the code of a float32 input in LiteRT's QUANTIZE operator:
//
//	code = clamp(round(x / scale) + zero, lo, hi)
//
// The quotient is rounded to float32, then to an integer with ties away from zero. NaN gives the code of zero, and what
// exceeds an int32, infinities included, the nearer bound (LiteRT leaves both undefined).
//
// Source: tensorflow/lite/kernels/internal/reference/quantize.h.
func AffineQuantize(x, scale float32, zero, lo, hi int32) int32 {
	rounded := math.Round(float64(float32(x / scale))) // exact: a float32 is a float64, and so is its rounding
	if math.IsNaN(rounded) {
		rounded = 0
	}
	rounded = max(math.MinInt32, min(rounded, math.MaxInt32))
	return int32(Clamp(int64(rounded)+int64(zero), int64(lo), int64(hi)))
}
