//go:build amd64 && !noasm

package kernel

import "github.com/halftone-go/halftone/internal/kernel/isa"

// FastBlocks reports whether all functions on blocks have kernels on the current instruction set.
func FastBlocks() bool { return isa.Active() == isa.AVX512 }

// blockedTile returns the kernel for so many output channels, whose source places are in apart (0 if the source are
// planes) and whose outputs are out apart, at most one of them 2.
func blockedTile(m, in, out int) blockedTileKernel {
	set, pair := isa.Active(), m%(2*blockChannels) == 0
	switch {
	case set == isa.Go:
		return blockedTileKernelGo(in, out)
	case set == isa.AVX2:
		return blockedTileKernel{1, 1, [...]func(*blockedTileArgs){blockedTileF32AVX2x4x16Plane, blockedTileF32AVX2x4x16, blockedTileF32AVX2x4x16Apart, blockedTileF32AVX2x4x16Into}[in+2*(out-1)]}
	case in == 0:
		return blockedTileKernel{4, 1, blockedTileF32AVX512x16x16Plane}
	case pair:
		return blockedTileKernel{2, 2, [...]func(*blockedTileArgs){1: blockedTileF32AVX512x8x32, blockedTileF32AVX512x8x32Apart, blockedTileF32AVX512x8x32Into}[in+2*(out-1)]}
	}
	return blockedTileKernel{4, 1, [...]func(*blockedTileArgs){1: blockedTileF32AVX512x16x16, blockedTileF32AVX512x16x16Apart, blockedTileF32AVX512x16x16Into}[in+2*(out-1)]}
}

// blockedOuter returns the kernel for 1 or 3 taps and so many channels of errors.
func blockedOuter(m, taps int) blockedOuterKernel {
	set, one, pair := isa.Active(), taps == 1, m%(2*blockChannels) == 0
	switch {
	case set == isa.Go:
		return blockedOuterKernelGo(taps)
	case set == isa.AVX2 && one:
		return blockedOuterKernel{2, 1, blockedOuterF32AVX2x1x2x16}
	case set == isa.AVX2:
		return blockedOuterKernel{2, 1, blockedOuterF32AVX2x3x2x16}
	case one && pair:
		return blockedOuterKernel{4, 2, blockedOuterF32AVX512x1x4x32}
	case one:
		return blockedOuterKernel{8, 1, blockedOuterF32AVX512x1x8x16}
	case pair:
		return blockedOuterKernel{4, 2, blockedOuterF32AVX512x3x4x32}
	}
	return blockedOuterKernel{8, 1, blockedOuterF32AVX512x3x8x16}
}

// blockedPlaneKernel runs a function over places, if there is a kernel and it takes so many. Direct calls let the arguments
// stay on the stack.
func blockedPlaneKernel(op blockedOp, p *blockedPlaneArgs) bool {
	if isa.Active() != isa.AVX512 || p.n%op.unroll() != 0 {
		return false
	}
	switch op {
	case opBlockSum:
		blockedSumAVX512(p)
	case opBlockDot:
		blockedDotAVX512(p)
	case opBlockSquares:
		blockedSquaresAVX512(p)
	case opBlockScaleShift:
		blockedScaleShiftAVX512(p)
	case opBlockNormalise:
		blockedNormaliseAVX512(p)
	case opBlockNormaliseGradient:
		blockedNormaliseGradientAVX512(p)
	}
	return true
}

// int8BlockedTile is blockedTile for codes.
func int8BlockedTile(vectors, in, out int) blockedTileKernel {
	if vectors == 2 {
		return blockedTileKernel{2, 2, [...]func(*blockedTileArgs){int8Blocked8x32Step1x1VNNI, int8Blocked8x32Step2x1VNNI, int8Blocked8x32Step1x2VNNI}[in-1+2*(out-1)]}
	}
	return blockedTileKernel{4, 1, [...]func(*blockedTileArgs){int8Blocked16x16Step1x1VNNI, int8Blocked16x16Step2x1VNNI, int8Blocked16x16Step1x2VNNI}[in-1+2*(out-1)]}
}

// int8BlockedOuter is blockedOuter for codes, with totals in float64 or float32.
func int8BlockedOuter(vectors, taps int, double bool) blockedOuterKernel {
	kernels := [...]func(*blockedOuterArgs){
		int8BlockedOuterF32x1x8x16VNNI, int8BlockedOuterF32x1x4x32VNNI, int8BlockedOuterF32x3x8x16VNNI, int8BlockedOuterF32x3x4x32VNNI,
		int8BlockedOuterF64x1x8x16VNNI, int8BlockedOuterF64x1x4x32VNNI, int8BlockedOuterF64x3x8x16VNNI, int8BlockedOuterF64x3x4x32VNNI,
	}
	which := vectors - 1 + taps/3*2
	if double {
		which += 4
	}
	return blockedOuterKernel{8 / vectors, vectors, kernels[which]}
}

// int8Quads turns places, step apart, into quads.
func int8Quads(args *int8PackArgs, step int) {
	if step == 2 {
		int8QuadsStep2VNNI(args)
	} else {
		int8QuadsStep1VNNI(args)
	}
}

func int8Places(args *int8PlacesArgs) { int8PlacesVNNI(args) }
