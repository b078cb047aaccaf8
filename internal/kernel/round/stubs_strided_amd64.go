//go:build amd64 && !noasm

package round

// Rounding of tiles whose elements are a stride apart; see tilesArgs, tilesKind and tilesRun.strided. Names are as those
// for rows of neighbours.

//go:noescape
func stridedFloatNearestValuesAVX512(args *tilesArgs)

//go:noescape
func stridedFloatNearestCodes8AVX512(args *tilesArgs)

//go:noescape
func stridedFloatNearestCodes16AVX512(args *tilesArgs)

//go:noescape
func stridedFloatRandomValuesAVX512(args *tilesArgs)

//go:noescape
func stridedFloatRandomCodes8AVX512(args *tilesArgs)

//go:noescape
func stridedFloatRandomCodes16AVX512(args *tilesArgs)

//go:noescape
func stridedLinearNearestValuesAVX512(args *tilesArgs)

//go:noescape
func stridedLinearNearestCodes8AVX512(args *tilesArgs)

//go:noescape
func stridedLinearNearestCodes16AVX512(args *tilesArgs)

//go:noescape
func stridedLinearRandomValuesAVX512(args *tilesArgs)

//go:noescape
func stridedLinearRandomCodes8AVX512(args *tilesArgs)

//go:noescape
func stridedLinearRandomCodes16AVX512(args *tilesArgs)

//go:noescape
func stridedFloatNearestValuesAVX2(args *tilesArgs)

//go:noescape
func stridedFloatNearestCodes8AVX2(args *tilesArgs)

//go:noescape
func stridedFloatNearestCodes16AVX2(args *tilesArgs)

//go:noescape
func stridedFloatRandomValuesAVX2(args *tilesArgs)

//go:noescape
func stridedFloatRandomCodes8AVX2(args *tilesArgs)

//go:noescape
func stridedFloatRandomCodes16AVX2(args *tilesArgs)

//go:noescape
func stridedLinearNearestValuesAVX2(args *tilesArgs)

//go:noescape
func stridedLinearNearestCodes8AVX2(args *tilesArgs)

//go:noescape
func stridedLinearNearestCodes16AVX2(args *tilesArgs)

//go:noescape
func stridedLinearRandomValuesAVX2(args *tilesArgs)

//go:noescape
func stridedLinearRandomCodes8AVX2(args *tilesArgs)

//go:noescape
func stridedLinearRandomCodes16AVX2(args *tilesArgs)
