//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// linearKernel rounds by the kernel that rounds to nearest or stochastically, in lanes of float32 or of float64. It
// reports whether there is one. (A table of functions would put the arguments on the heap.)
func linearKernel(args *linearArgs, nearest, double bool) bool {
	switch isa.Active() {
	case isa.AVX512:
		switch {
		case nearest && double:
			roundNearestDoubleAVX512(args)
		case nearest:
			roundNearestAVX512(args)
		case double:
			roundStochasticDoubleAVX512(args)
		default:
			roundStochasticAVX512(args)
		}
	case isa.AVX2:
		switch {
		case nearest && double:
			roundNearestDoubleAVX2(args)
		case nearest:
			roundNearestAVX2(args)
		case double:
			roundStochasticDoubleAVX2(args)
		default:
			roundStochasticAVX2(args)
		}
	default:
		return false
	}
	return true
}

// linearEachKernel is linearKernel for steps of the elements' own.
func linearEachKernel(args *linearArgs, nearest, double bool) bool {
	switch isa.Active() {
	case isa.AVX512:
		switch {
		case nearest && double:
			roundNearestEachDoubleAVX512(args)
		case nearest:
			roundNearestEachAVX512(args)
		case double:
			roundStochasticEachDoubleAVX512(args)
		default:
			roundStochasticEachAVX512(args)
		}
	case isa.AVX2:
		switch {
		case nearest && double:
			roundNearestEachDoubleAVX2(args)
		case nearest:
			roundNearestEachAVX2(args)
		case double:
			roundStochasticEachDoubleAVX2(args)
		default:
			roundStochasticEachAVX2(args)
		}
	default:
		return false
	}
	return true
}

func maxAbsKernel(args *searchArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		maxAbsAVX512(args)
	case isa.AVX2:
		maxAbsAVX2(args)
	default:
		return false
	}
	return true
}

func extremesKernel(args *searchArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		extremesAVX512(args)
	case isa.AVX2:
		extremesAVX2(args)
	default:
		return false
	}
	return true
}

func maxAbsEachKernel(args *searchArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		maxAbsEachAVX512(args)
	case isa.AVX2:
		maxAbsEachAVX2(args)
	default:
		return false
	}
	return true
}
