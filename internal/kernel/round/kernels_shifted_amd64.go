//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// shiftedKernel rounds the leading elements that fill whole vectors, and returns how many those are.
func shiftedKernel(args *shiftedArgs) int {
	all := args.n
	switch {
	case isa.Active() == isa.AVX512 && all >= 16:
		args.n = all / 16 * 16
		if args.random == nil {
			shiftedNearestAVX512(args)
		} else {
			shiftedStochasticAVX512(args)
		}
	case isa.Active() == isa.AVX2 && all >= 8:
		args.n = all / 8 * 8
		if args.random == nil {
			shiftedNearestAVX2(args)
		} else {
			shiftedStochasticAVX2(args)
		}
	default:
		return 0
	}
	done := args.n
	args.n = all
	return done
}

func largestBitsKernel(args *searchArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		largestBitsAVX512(args)
	case isa.AVX2:
		largestBitsAVX2(args)
	default:
		return false
	}
	return true
}
