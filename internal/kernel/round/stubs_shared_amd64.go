//go:build amd64 && !noasm

package round

// Kernels for blocks that share an exponent; see sharedArgs and their twins, sharedRowsGo and sharedColumnsGo.

//go:noescape
func sharedLinearNearestRowsAVX512(args *sharedArgs)

//go:noescape
func sharedLinearNearestColumnsAVX512(args *sharedArgs)

//go:noescape
func sharedLinearStochasticRowsAVX512(args *sharedArgs)

//go:noescape
func sharedLinearStochasticColumnsAVX512(args *sharedArgs)

//go:noescape
func sharedShiftedNearestRowsAVX512(args *sharedArgs)

//go:noescape
func sharedShiftedNearestColumnsAVX512(args *sharedArgs)

//go:noescape
func sharedShiftedStochasticRowsAVX512(args *sharedArgs)

//go:noescape
func sharedShiftedStochasticColumnsAVX512(args *sharedArgs)

//go:noescape
func largestColumnsAVX512(args *sharedArgs)

//go:noescape
func sharedLinearNearestRowsAVX2(args *sharedArgs)

//go:noescape
func sharedLinearNearestColumnsAVX2(args *sharedArgs)

//go:noescape
func sharedLinearStochasticRowsAVX2(args *sharedArgs)

//go:noescape
func sharedLinearStochasticColumnsAVX2(args *sharedArgs)

//go:noescape
func sharedShiftedNearestRowsAVX2(args *sharedArgs)

//go:noescape
func sharedShiftedNearestColumnsAVX2(args *sharedArgs)

//go:noescape
func sharedShiftedStochasticRowsAVX2(args *sharedArgs)

//go:noescape
func sharedShiftedStochasticColumnsAVX2(args *sharedArgs)

//go:noescape
func largestColumnsAVX2(args *sharedArgs)
