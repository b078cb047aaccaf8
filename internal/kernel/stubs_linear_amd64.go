//go:build amd64 && !noasm

package kernel

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

// Searches; see MaxAbs and Extremes.

//go:noescape
func maxAbsAVX512(args *searchArgs)

//go:noescape
func maxAbsAVX2(args *searchArgs)

//go:noescape
func extremesAVX512(args *searchArgs)

//go:noescape
func extremesAVX2(args *searchArgs)
