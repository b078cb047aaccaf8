//go:build amd64 && !noasm

package kernel

// The assembly in this package is generated: gen holds a Go program per family of kernels.

//go:generate go run -C gen .

// Tile kernels; see tileArgs and their twin, tileGo. The name says element, instruction set and lanes of a segment.

//go:noescape
func tileF32AVX512x16(args *tileArgs) // 8 rows, 2 segments of 16 lanes

//go:noescape
func tileF32AVX512x16by13(args *tileArgs) // 8 rows, 2 segments of 16 lanes

//go:noescape
func tileF32AVX512x8(args *tileArgs) // 8 rows, 4 segments of 8 lanes

//go:noescape
func tileF64AVX512x8(args *tileArgs) // 8 rows, 2 segments of 8 lanes

//go:noescape
func tileF32AVX2x8(args *tileArgs) // 4 rows, 2 segments of 8 lanes

//go:noescape
func tileF64AVX2x4(args *tileArgs) // 4 rows, 2 segments of 4 lanes

// Outer-product kernels; see outerArgs and their twin, outerGo. The name says element, instruction set and lanes.

//go:noescape
func outerF32AVX512x32(args *outerArgs) // 8 rows

//go:noescape
func outerF32AVX512x16(args *outerArgs) // 8 rows

//go:noescape
func outerF64AVX512x16(args *outerArgs) // 8 rows

//go:noescape
func outerF64AVX512x8(args *outerArgs) // 8 rows

//go:noescape
func outerF32AVX2x16(args *outerArgs) // 4 rows

//go:noescape
func outerF64AVX2x8(args *outerArgs) // 4 rows

// Rows; see rowArgs. The name says the element types of source and destination.

//go:noescape
func moveF32AVX512(args *rowArgs)

//go:noescape
func moveF32F64AVX512(args *rowArgs)

//go:noescape
func moveF64F32AVX512(args *rowArgs)

//go:noescape
func splitF32AVX512(args *rowArgs)

//go:noescape
func splitF32F64AVX512(args *rowArgs)

//go:noescape
func joinF32AVX512(args *rowArgs)

//go:noescape
func joinF64F32AVX512(args *rowArgs)

//go:noescape
func transposeF32AVX512(args *rowArgs) // blocks of 16 columns

//go:noescape
func transposeF32F64AVX512(args *rowArgs) // blocks of 16 columns

//go:noescape
func transposeF64AVX512(args *rowArgs) // blocks of 8 columns

// Elementwise functions of float32; see the functions of the same names in pointwise.go.

//go:noescape
func addAVX512(args *pointwiseArgs)

//go:noescape
func subtractAVX512(args *pointwiseArgs)

//go:noescape
func multiplyAVX512(args *pointwiseArgs)

//go:noescape
func reluAVX512(args *pointwiseArgs)

//go:noescape
func reluGradientAVX512(args *pointwiseArgs)

//go:noescape
func addScalarAVX512(args *pointwiseArgs)

//go:noescape
func scaleAVX512(args *pointwiseArgs)

//go:noescape
func scaleShiftAVX512(args *pointwiseArgs)

//go:noescape
func normaliseAVX512(args *pointwiseArgs)

//go:noescape
func normaliseGradientAVX512(args *pointwiseArgs)

// Sums over float32; see the functions of the same names in plane.go.

//go:noescape
func sigmoidGradientAVX512(args *pointwiseArgs)

//go:noescape
func tanhGradientAVX512(args *pointwiseArgs)

//go:noescape
func columnSumsAVX512(args *columnArgs)

//go:noescape
func planeSumAVX512(args *planeArgs)

//go:noescape
func planeDotAVX512(args *planeArgs)

//go:noescape
func planeSquaresAVX512(args *planeArgs)
