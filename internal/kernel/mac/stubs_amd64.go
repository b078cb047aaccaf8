//go:build amd64 && !noasm

package mac

// Kernels of MAC tiles; see macArgs and their twin, macTileGo. The name says what is rounded (product, sum, both; none
// where sums are limited only), the order (chains or trees) and the instruction set.

//go:noescape
func macChainLimitAVX512(args *macArgs)

//go:noescape
func macChainProductAVX512(args *macArgs)

//go:noescape
func macChainSumAVX512(args *macArgs)

//go:noescape
func macChainBothAVX512(args *macArgs)

//go:noescape
func macTreeLimitAVX512(args *macArgs)

//go:noescape
func macTreeProductAVX512(args *macArgs)

//go:noescape
func macTreeSumAVX512(args *macArgs)

//go:noescape
func macTreeBothAVX512(args *macArgs)

//go:noescape
func macChainLimitAVX2(args *macArgs)

//go:noescape
func macChainProductAVX2(args *macArgs)

//go:noescape
func macChainSumAVX2(args *macArgs)

//go:noescape
func macChainBothAVX2(args *macArgs)

//go:noescape
func macTreeLimitAVX2(args *macArgs)

//go:noescape
func macTreeProductAVX2(args *macArgs)

//go:noescape
func macTreeSumAVX2(args *macArgs)

//go:noescape
func macTreeBothAVX2(args *macArgs)

// Kernels for sums that wrap; see wrapArgs, and their twins in WrapSums and AddSums.

//go:noescape
func wrapSumsAVX512(args *wrapArgs)

//go:noescape
func addSumsAVX512(args *wrapArgs)

//go:noescape
func wrapSumsAVX2(args *wrapArgs)

//go:noescape
func addSumsAVX2(args *wrapArgs)
