//go:build amd64 && !noasm

package kernel

// Tile kernels; see blockedTileArgs and their twin, blockedTileGo. The name says instruction set, places × channels, and where
// places are not neighbours: Apart those of the source, Into those of the outputs; Plane has a source in planes.

//go:noescape
func blockedTileF32AVX512x16x16(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX2x4x16(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x8x32(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x16x16Apart(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX2x4x16Apart(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x8x32Apart(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x16x16Into(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX2x4x16Into(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x8x32Into(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX512x16x16Plane(args *blockedTileArgs)

//go:noescape
func blockedTileF32AVX2x4x16Plane(args *blockedTileArgs)

// Outer-product kernels; see blockedOuterArgs and their twin, blockedOuterGo. The name says instruction set, and taps × channels ×
// channels of errors.

//go:noescape
func blockedOuterF32AVX512x1x8x16(args *blockedOuterArgs)

//go:noescape
func blockedOuterF32AVX512x1x4x32(args *blockedOuterArgs)

//go:noescape
func blockedOuterF32AVX2x1x2x16(args *blockedOuterArgs)

//go:noescape
func blockedOuterF32AVX512x3x8x16(args *blockedOuterArgs)

//go:noescape
func blockedOuterF32AVX512x3x4x32(args *blockedOuterArgs)

//go:noescape
func blockedOuterF32AVX2x3x2x16(args *blockedOuterArgs)

// Sums over places and elementwise functions; see blockedPlaneArgs.

//go:noescape
func blockedSumAVX512(args *blockedPlaneArgs)

//go:noescape
func blockedDotAVX512(args *blockedPlaneArgs)

//go:noescape
func blockedSquaresAVX512(args *blockedPlaneArgs)

//go:noescape
func blockedScaleShiftAVX512(args *blockedPlaneArgs)

//go:noescape
func blockedNormaliseAVX512(args *blockedPlaneArgs)

//go:noescape
func blockedNormaliseGradientAVX512(args *blockedPlaneArgs)

// The same on codes of 8 bits. The names of tiles say the distances of places in the source and of outputs.

//go:noescape
func int8Blocked16x16Step1x1VNNI(args *blockedTileArgs)

//go:noescape
func int8Blocked8x32Step1x1VNNI(args *blockedTileArgs)

//go:noescape
func int8QuadsStep1VNNI(args *int8PackArgs)

//go:noescape
func int8Blocked16x16Step2x1VNNI(args *blockedTileArgs)

//go:noescape
func int8Blocked8x32Step2x1VNNI(args *blockedTileArgs)

//go:noescape
func int8QuadsStep2VNNI(args *int8PackArgs)

//go:noescape
func int8Blocked16x16Step1x2VNNI(args *blockedTileArgs)

//go:noescape
func int8Blocked8x32Step1x2VNNI(args *blockedTileArgs)

//go:noescape
func int8BlockedOuterF32x1x8x16VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF64x1x8x16VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF32x1x4x32VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF64x1x4x32VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF32x3x8x16VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF64x3x8x16VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF32x3x4x32VNNI(args *blockedOuterArgs)

//go:noescape
func int8BlockedOuterF64x3x4x32VNNI(args *blockedOuterArgs)

//go:noescape
func int8PlacesVNNI(args *int8PlacesArgs)
