package number

import "math"

// sumRun is the number of neighbours that are added in sequence.
const sumRun = 64

// pairwiseSum adds in float64 in an order that depends on the length alone: up to sumRun numbers one after the other,
// else the sums of the first n/2 and of the rest.
func pairwiseSum(x []float64) float64 {
	if len(x) > sumRun {
		half := len(x) / 2
		return pairwiseSum(x[:half]) + pairwiseSum(x[half:])
	}
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// meanOf returns the pairwise sum divided by the number, 0 if there is none.
func meanOf(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	sum := pairwiseSum(x)
	if !math.IsInf(sum, 0) {
		return sum / float64(len(x))
	}
	scaled := make([]float64, len(x))
	for i, v := range x {
		scaled[i] = v * 0x1p-64 // more elements than 2^64 there are not
	}
	return pairwiseSum(scaled) / float64(len(x)) * 0x1p64
}

// finiteMagnitudes returns the magnitudes of the finite elements, in order, in the memory of x.
func finiteMagnitudes(x []float64) []float64 {
	out := x[:0]
	for _, v := range x {
		if v-v == 0 {
			out = append(out, math.Abs(v))
		}
	}
	return out
}

// float32Mean rounds a mean of magnitudes to float32; one that is not 0 stays in the range of finite positive numbers.
func float32Mean(mean float64) float64 {
	if mean == 0 {
		return 0
	}
	return float64(min(max(float32(min(mean, math.MaxFloat32)), math.SmallestNonzeroFloat32), math.MaxFloat32))
}
