//go:build amd64 && !noasm

package kernel

// Kernels for convolutions on pairs of codes of 16 bits; see tileArgs and outerArgs.

//go:noescape
func tilePairsVNNIx16(args *tileArgs)

//go:noescape
func tilePairsVNNIx8(args *tileArgs)

//go:noescape
func tilePairsAVX2x8(args *tileArgs)

//go:noescape
func outerPairsVNNIx32(args *outerArgs)

//go:noescape
func outerPairsVNNIx16(args *outerArgs)

//go:noescape
func outerPairsAVX2x16(args *outerArgs)

// Sums to float32; see scaleSumsArgs.

//go:noescape
func scaleSumsAVX512(args *scaleSumsArgs)

// Without the rest of the columns.
//
//go:noescape
func scaleSumsAVX2(args *scaleSumsArgs)
