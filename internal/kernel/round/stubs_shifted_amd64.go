//go:build amd64 && !noasm

package round

// Kernels that round mantissas behind a shift, of whole vectors; see shiftedArgs and their twin, shiftedGo.

//go:noescape
func shiftedNearestAVX512(args *shiftedArgs)

//go:noescape
func shiftedNearestAVX2(args *shiftedArgs)

//go:noescape
func shiftedStochasticAVX512(args *shiftedArgs)

//go:noescape
func shiftedStochasticAVX2(args *shiftedArgs)

// Kernels that search patterns; see searchArgs.

//go:noescape
func largestBitsAVX512(args *searchArgs)

//go:noescape
func largestBitsAVX2(args *searchArgs)
