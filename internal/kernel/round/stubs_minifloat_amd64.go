//go:build amd64 && !noasm

package round

// Rounding to a Minifloat; see minifloatArgs and minifloatKind. The name says the grid if it is aligned, the rounding
// (Random adds random bits, which may be zeros) and the output.

//go:noescape
func minifloatNearestValuesAVX512(args *minifloatArgs)

//go:noescape
func minifloatNearestCodes8AVX512(args *minifloatArgs)

//go:noescape
func minifloatNearestCodes16AVX512(args *minifloatArgs)

//go:noescape
func minifloatRandomValuesAVX512(args *minifloatArgs)

//go:noescape
func minifloatRandomCodes8AVX512(args *minifloatArgs)

//go:noescape
func minifloatRandomCodes16AVX512(args *minifloatArgs)

//go:noescape
func alignedNearestValuesAVX512(args *minifloatArgs)

//go:noescape
func alignedNearestCodes16AVX512(args *minifloatArgs)

//go:noescape
func alignedRandomValuesAVX512(args *minifloatArgs)

//go:noescape
func alignedRandomCodes16AVX512(args *minifloatArgs)

//go:noescape
func minifloatNearestValuesAVX2(args *minifloatArgs)

//go:noescape
func minifloatNearestCodes8AVX2(args *minifloatArgs)

//go:noescape
func minifloatNearestCodes16AVX2(args *minifloatArgs)

//go:noescape
func minifloatRandomValuesAVX2(args *minifloatArgs)

//go:noescape
func minifloatRandomCodes8AVX2(args *minifloatArgs)

//go:noescape
func minifloatRandomCodes16AVX2(args *minifloatArgs)

//go:noescape
func alignedNearestValuesAVX2(args *minifloatArgs)

//go:noescape
func alignedNearestCodes16AVX2(args *minifloatArgs)

//go:noescape
func alignedRandomValuesAVX2(args *minifloatArgs)

//go:noescape
func alignedRandomCodes16AVX2(args *minifloatArgs)
