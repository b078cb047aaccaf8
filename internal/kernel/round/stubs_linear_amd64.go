//go:build amd64 && !noasm

package round

// Rounding to linear grids; see linearArgs. Kernels named Double compute in lanes of float64.

//go:noescape
func roundNearestAVX512(args *linearArgs)

//go:noescape
func roundStochasticAVX512(args *linearArgs)

//go:noescape
func roundNearestDoubleAVX512(args *linearArgs)

//go:noescape
func roundStochasticDoubleAVX512(args *linearArgs)

//go:noescape
func roundNearestAVX2(args *linearArgs)

//go:noescape
func roundStochasticAVX2(args *linearArgs)

//go:noescape
func roundNearestDoubleAVX2(args *linearArgs)

//go:noescape
func roundStochasticDoubleAVX2(args *linearArgs)

// The same with steps of the elements' own.

//go:noescape
func roundNearestEachAVX512(args *linearArgs)

//go:noescape
func roundStochasticEachAVX512(args *linearArgs)

//go:noescape
func roundNearestEachDoubleAVX512(args *linearArgs)

//go:noescape
func roundStochasticEachDoubleAVX512(args *linearArgs)

//go:noescape
func roundNearestEachAVX2(args *linearArgs)

//go:noescape
func roundStochasticEachAVX2(args *linearArgs)

//go:noescape
func roundNearestEachDoubleAVX2(args *linearArgs)

//go:noescape
func roundStochasticEachDoubleAVX2(args *linearArgs)

// Searches; see MaxAbs, Extremes and MaxAbsEach.

//go:noescape
func maxAbsAVX512(args *searchArgs)

//go:noescape
func maxAbsAVX2(args *searchArgs)

//go:noescape
func extremesAVX512(args *searchArgs)

//go:noescape
func extremesAVX2(args *searchArgs)

//go:noescape
func maxAbsEachAVX512(args *searchArgs)

//go:noescape
func maxAbsEachAVX2(args *searchArgs)
