//go:build amd64 && !noasm

package kernel

// Packing of codes of 8 and 16 bits; see codePackArgs.

//go:noescape
func code8StraightAVX512(args *codePackArgs)

//go:noescape
func code8InterleaveAVX512(args *codePackArgs)

//go:noescape
func code16StraightAVX512(args *codePackArgs)

//go:noescape
func code16InterleaveAVX512(args *codePackArgs)

// Without the rest of the columns; at least one vector.
//
//go:noescape
func code16StraightAVX2(args *codePackArgs)

//go:noescape
func code16InterleaveAVX2(args *codePackArgs)

// Tiles of products on codes; see codeTileArgs. The name says rows and columns.

//go:noescape
func code8Tile12x32VNNI(args *codeTileArgs)

//go:noescape
func code8Tile4x32VNNI(args *codeTileArgs)

//go:noescape
func code8Tile2x32VNNI(args *codeTileArgs)

//go:noescape
func code8Tile1x32VNNI(args *codeTileArgs)

//go:noescape
func code16Tile12x32VNNI(args *codeTileArgs)

//go:noescape
func code16Tile4x32VNNI(args *codeTileArgs)

//go:noescape
func code16Tile2x32VNNI(args *codeTileArgs)

//go:noescape
func code16Tile1x32VNNI(args *codeTileArgs)

//go:noescape
func code16Tile6x16AVX2(args *codeTileArgs)

//go:noescape
func code16Tile2x16AVX2(args *codeTileArgs)

//go:noescape
func code16Tile1x16AVX2(args *codeTileArgs)
