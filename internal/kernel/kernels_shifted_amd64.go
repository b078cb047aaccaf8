//go:build amd64 && !noasm

package kernel

// shiftedKernel rounds the leading elements that fill whole vectors, and returns how many those are.
func shiftedKernel(args *shiftedArgs) int {
	all := args.n
	switch {
	case active() == isaAVX512 && all >= 16:
		args.n = all / 16 * 16
		if args.random == nil {
			shiftedNearestAVX512(args)
		} else {
			shiftedStochasticAVX512(args)
		}
	case active() == isaAVX2 && all >= 8:
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
	switch active() {
	case isaAVX512:
		largestBitsAVX512(args)
	case isaAVX2:
		largestBitsAVX2(args)
	default:
		return false
	}
	return true
}
