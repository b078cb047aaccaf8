//go:build amd64 && !noasm

package philox

import "github.com/halftone-go/halftone/internal/kernel/isa"

// randomKernel sets draws. It reports whether there is a kernel.
func randomKernel(args *randomArgs) bool {
	switch isa.Active() {
	case isa.AVX512:
		randomAVX512(args)
	case isa.AVX2:
		randomAVX2(args)
	default:
		return false
	}
	return true
}

// placePlanesKernel is the same for all instruction sets with vectors.
func placePlanesKernel(args *placeArgs) bool {
	if isa.Active() == isa.Go {
		return false
	}
	placePlanesAVX2(args)
	return true
}
