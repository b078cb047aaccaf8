//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// sharedRowsKernel rounds rows with an exponent each. It reports whether there is a kernel.
func sharedRowsKernel(args *sharedArgs, shifted, stochastic bool) bool {
	switch isa.Active() {
	case isa.AVX512:
		switch {
		case shifted && stochastic:
			sharedShiftedStochasticRowsAVX512(args)
		case shifted:
			sharedShiftedNearestRowsAVX512(args)
		case stochastic:
			sharedLinearStochasticRowsAVX512(args)
		default:
			sharedLinearNearestRowsAVX512(args)
		}
	case isa.AVX2:
		switch {
		case shifted && stochastic:
			sharedShiftedStochasticRowsAVX2(args)
		case shifted:
			sharedShiftedNearestRowsAVX2(args)
		case stochastic:
			sharedLinearStochasticRowsAVX2(args)
		default:
			sharedLinearNearestRowsAVX2(args)
		}
	default:
		return false
	}
	return true
}

// sharedColumnsKernel rounds rows of columns with an exponent each. It reports whether there is a kernel.
func sharedColumnsKernel(args *sharedArgs, shifted, stochastic bool) bool {
	switch isa.Active() {
	case isa.AVX512:
		switch {
		case shifted && stochastic:
			sharedShiftedStochasticColumnsAVX512(args)
		case shifted:
			sharedShiftedNearestColumnsAVX512(args)
		case stochastic:
			sharedLinearStochasticColumnsAVX512(args)
		default:
			sharedLinearNearestColumnsAVX512(args)
		}
	case isa.AVX2:
		switch {
		case shifted && stochastic:
			sharedShiftedStochasticColumnsAVX2(args)
		case shifted:
			sharedShiftedNearestColumnsAVX2(args)
		case stochastic:
			sharedLinearStochasticColumnsAVX2(args)
		default:
			sharedLinearNearestColumnsAVX2(args)
		}
	default:
		return false
	}
	return true
}

func largestColumnsKernel(args *sharedArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		largestColumnsAVX512(args)
	case isa.AVX2:
		largestColumnsAVX2(args)
	default:
		return false
	}
	return true
}
