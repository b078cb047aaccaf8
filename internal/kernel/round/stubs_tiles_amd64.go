//go:build amd64 && !noasm

package round

// Rounding of tiles; see tilesArgs and tilesKind. The name says the elements, the rounding (Random adds random bits,
// which may be zeros) and the output.

//go:noescape
func tilesFloatNearestValuesAVX512(args *tilesArgs)

//go:noescape
func tilesFloatNearestCodes8AVX512(args *tilesArgs)

//go:noescape
func tilesFloatNearestCodes16AVX512(args *tilesArgs)

//go:noescape
func tilesFloatRandomValuesAVX512(args *tilesArgs)

//go:noescape
func tilesFloatRandomCodes8AVX512(args *tilesArgs)

//go:noescape
func tilesFloatRandomCodes16AVX512(args *tilesArgs)

//go:noescape
func tilesLinearNearestValuesAVX512(args *tilesArgs)

//go:noescape
func tilesLinearNearestCodes8AVX512(args *tilesArgs)

//go:noescape
func tilesLinearNearestCodes16AVX512(args *tilesArgs)

//go:noescape
func tilesLinearRandomValuesAVX512(args *tilesArgs)

//go:noescape
func tilesLinearRandomCodes8AVX512(args *tilesArgs)

//go:noescape
func tilesLinearRandomCodes16AVX512(args *tilesArgs)

//go:noescape
func tilesFloatNearestValuesAVX2(args *tilesArgs)

//go:noescape
func tilesFloatNearestCodes8AVX2(args *tilesArgs)

//go:noescape
func tilesFloatNearestCodes16AVX2(args *tilesArgs)

//go:noescape
func tilesFloatRandomValuesAVX2(args *tilesArgs)

//go:noescape
func tilesFloatRandomCodes8AVX2(args *tilesArgs)

//go:noescape
func tilesFloatRandomCodes16AVX2(args *tilesArgs)

//go:noescape
func tilesLinearNearestValuesAVX2(args *tilesArgs)

//go:noescape
func tilesLinearNearestCodes8AVX2(args *tilesArgs)

//go:noescape
func tilesLinearNearestCodes16AVX2(args *tilesArgs)

//go:noescape
func tilesLinearRandomValuesAVX2(args *tilesArgs)

//go:noescape
func tilesLinearRandomCodes8AVX2(args *tilesArgs)

//go:noescape
func tilesLinearRandomCodes16AVX2(args *tilesArgs)
