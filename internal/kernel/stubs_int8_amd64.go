//go:build amd64 && !noasm

package kernel

// Packing of codes; see int8PackArgs.

//go:noescape
func int8InterleaveVNNI(args *int8PackArgs)

//go:noescape
func int8PlainVNNI(args *int8PackArgs)

//go:noescape
func int8SplitVNNI(args *int8PackArgs)

// Tile kernels; see int8TileArgs. The name says outputs, channels, and the elements from an output's source to the next.

//go:noescape
func int8Tile16x16Step1VNNI(args *int8TileArgs)

//go:noescape
func int8Tile8x32Step1VNNI(args *int8TileArgs)

//go:noescape
func int8Tile16x16Step2VNNI(args *int8TileArgs)

//go:noescape
func int8Tile8x32Step2VNNI(args *int8TileArgs)

// Outer-product kernels; see int8OuterArgs. The name says the elements of the totals, and channels.

//go:noescape
func int8OuterF32x16VNNI(args *int8OuterArgs)

//go:noescape
func int8OuterF32x32VNNI(args *int8OuterArgs)

//go:noescape
func int8OuterF64x16VNNI(args *int8OuterArgs)

//go:noescape
func int8OuterF64x32VNNI(args *int8OuterArgs)

// int8NegativeVNNI sets 16 int32 at output to -128 times the sums of the quads of `lines` vectors, pitch bytes apart.
//
//go:noescape
func int8NegativeVNNI(args *int8OuterArgs)
