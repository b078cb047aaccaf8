//go:build amd64 && !noasm

package mac

import "github.com/halftone-go/halftone/internal/kernel/isa"

// macKernel runs the kernel of the kind, and reports whether there is one.
func macKernel(k macKind, t *macArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		macAVX512(k, t)
	case isa.AVX2:
		macAVX2(k, t)
	default:
		return false
	}
	return true
}

func macAVX512(k macKind, t *macArgs) {
	switch {
	case k.limit && k.tree:
		macTreeLimitAVX512(t)
	case k.limit:
		macChainLimitAVX512(t)
	case k.product && k.sum && k.tree:
		macTreeBothAVX512(t)
	case k.product && k.sum:
		macChainBothAVX512(t)
	case k.product && k.tree:
		macTreeProductAVX512(t)
	case k.product:
		macChainProductAVX512(t)
	case k.tree:
		macTreeSumAVX512(t)
	default:
		macChainSumAVX512(t)
	}
}

func macAVX2(k macKind, t *macArgs) {
	switch {
	case k.limit && k.tree:
		macTreeLimitAVX2(t)
	case k.limit:
		macChainLimitAVX2(t)
	case k.product && k.sum && k.tree:
		macTreeBothAVX2(t)
	case k.product && k.sum:
		macChainBothAVX2(t)
	case k.product && k.tree:
		macTreeProductAVX2(t)
	case k.product:
		macChainProductAVX2(t)
	case k.tree:
		macTreeSumAVX2(t)
	default:
		macChainSumAVX2(t)
	}
}

func wrapKernel(t *wrapArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		wrapSumsAVX512(t)
	case isa.AVX2:
		wrapSumsAVX2(t)
	default:
		return false
	}
	return true
}

func addSumsKernel(t *wrapArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		addSumsAVX512(t)
	case isa.AVX2:
		addSumsAVX2(t)
	default:
		return false
	}
	return true
}
