package optimizers

import "math"

// element is the arithmetic that a problem runs in.
type element interface{ float32 | float64 }

// slice returns the slice of v that has element type T, nil if the other one is set.
func slice[T element](v Vector) []T {
	if s, ok := any(v.F32).([]T); ok {
		return s
	}
	s, _ := any(v.F64).([]T)
	return s
}

// vectorOf is the inverse of slice.
func vectorOf[T element](s []T) Vector {
	if f32, ok := any(s).([]float32); ok {
		return Vector{F32: f32}
	}
	f64, _ := any(s).([]float64)
	return Vector{F64: f64}
}

// makeLike returns zeroed slices of the given slices' lengths.
func makeLike[T element](like [][]T) [][]T {
	made := make([][]T, len(like))
	for i, s := range like {
		made[i] = make([]T, len(s))
	}
	return made
}

func copyAll[T element](dst, src [][]T) {
	for i := range dst {
		copy(dst[i], src[i])
	}
}

// norm returns the 2-norm of all elements, in float64, the squares added in order. Where squares could overflow or underflow,
// elements are scaled by a power of two.
func norm[T element](slices ...[]T) float64 {
	sum := 0.0
	for _, s := range slices {
		for _, x := range s {
			sum += float64(float64(x) * float64(x))
		}
	}
	if sum > 0x1p-900 && sum < 0x1p900 { // so the largest square lies between 2^-960 and 2^900
		return math.Sqrt(sum)
	}
	return scaledNorm(slices)
}

// scaledNorm is norm for all numbers.
func scaledNorm[T element](slices [][]T) float64 {
	largest := 0.0
	for _, s := range slices {
		for _, x := range s {
			if a := math.Abs(float64(x)); a > largest || math.IsNaN(a) {
				largest = a
			}
		}
	}
	if largest == 0 || math.IsInf(largest, 0) || math.IsNaN(largest) {
		return largest
	}
	// Squares of numbers within 2^±500 are normal, and so are their sums.
	exponent := 0
	if _, e := math.Frexp(largest); e < -500 || e > 500 {
		exponent = e
	}
	sum := 0.0
	for _, s := range slices {
		for _, x := range s {
			scaled := float64(x)
			if exponent != 0 {
				scaled = math.Ldexp(scaled, -exponent)
			}
			sum += float64(scaled * scaled)
		}
	}
	return math.Ldexp(math.Sqrt(sum), exponent)
}

func finite(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) }
