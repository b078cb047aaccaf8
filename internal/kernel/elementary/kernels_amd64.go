//go:build amd64 && !noasm

package elementary

import "github.com/halftone-go/halftone/internal/kernel/isa"

// kernel runs a function on float32, if narrow, or float64.
func kernel(f function, narrow bool, p *sliceArgs) bool {
	if isa.Active() != isa.AVX512 {
		return false
	}
	switch {
	case f == exponential && narrow:
		expF32AVX512(p)
	case f == exponential:
		expF64AVX512(p)
	case f == logistic && narrow:
		sigmoidF32AVX512(p)
	case f == logistic:
		sigmoidF64AVX512(p)
	case f == hyperbolicTangent && narrow:
		tanhF32AVX512(p)
	case f == hyperbolicTangent:
		tanhF64AVX512(p)
	default:
		return false
	}
	return true
}
