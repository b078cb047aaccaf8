package levels

import "math"

// Uniform returns points, at least 2, at equal distances from lo to hi, lo < hi:
//
//	lo + (hi - lo) * k / (points - 1)
//
// in float64, rounded to T once more, with lo and hi themselves at the ends. Points that become equal by rounding stand
// once. For lo = hi that is one point.
func Uniform[T Float](lo, hi T, points int) []T {
	out := []T{lo + 0}
	last, unit := float64(points-1), 1.0
	from := float64(lo)
	width := float64(hi) - from
	if width*last > math.MaxFloat64 {
		unit = 0x1p40 // points are not as many
		width = float64(hi)/unit - from/unit
	}
	for k := 1; k < points; k++ {
		x := T(from + float64(width*float64(k))/last*unit)
		if k == points-1 {
			x = hi
		}
		if x = min(x, hi) + 0; x > out[len(out)-1] {
			out = append(out, x)
		}
	}
	return out
}

// Variance returns the sum of (r - x)(x - l) over the values, l and r the neighbouring points around x, added in order
// in float64; values beyond the ends count the square of their distance. Both are ascending, and there is a point if
// there is a value.
func Variance[T Float](sorted, points []T) float64 {
	var total float64
	r := 0
	for _, value := range sorted {
		for r < len(points) && points[r] < value {
			r++
		}
		x, below, above := float64(value), float64(points[max(r-1, 0)]), float64(points[min(r, len(points)-1)])
		switch {
		case r == 0:
			total += float64((above - x) * (above - x))
		case r == len(points):
			total += float64((x - below) * (x - below))
		default:
			total += float64((above - x) * (x - below))
		}
	}
	return total
}
