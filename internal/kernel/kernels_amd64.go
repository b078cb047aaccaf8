//go:build amd64 && !noasm

package kernel

import "github.com/halftone-go/halftone/internal/kernel/isa"

// float32Tile returns the tile kernel for rows of so many outputs.
func float32Tile(columns int) tileKernel {
	switch isa.Active() {
	case isa.AVX512:
		if last := columns % 16; last >= 1 && last <= 8 {
			return tileKernel{8, 4, 8, tileF32AVX512x8}
		}
		return tileKernel{8, 2, 16, tileF32AVX512x16}
	case isa.AVX2:
		return tileKernel{4, 2, 8, tileF32AVX2x8}
	}
	return float32TileGo
}

// tallerTile returns a kernel of float32 for tiles of the same columns with more rows, if there is one.
func tallerTile(k tileKernel) (tileKernel, bool) {
	if isa.Active() != isa.AVX512 || k.lanes != 16 {
		return k, false
	}
	return tileKernel{13, 2, 16, tileF32AVX512x16by13}, true
}

// float64Tile returns the tile kernel.
func float64Tile() tileKernel {
	switch isa.Active() {
	case isa.AVX512:
		return tileKernel{8, 2, 8, tileF64AVX512x8}
	case isa.AVX2:
		return tileKernel{4, 2, 4, tileF64AVX2x4}
	}
	return float64TileGo
}

// float32Outer returns the outer-product kernel for so many vectors side by side.
func float32Outer(lanes int) outerKernel {
	switch isa.Active() {
	case isa.AVX512:
		if lanes <= 16 {
			return outerKernel{8, 16, outerF32AVX512x16}
		}
		return outerKernel{8, 32, outerF32AVX512x32}
	case isa.AVX2:
		return outerKernel{4, 16, outerF32AVX2x16}
	}
	return float32OuterGo
}

// float64Outer returns the outer-product kernel for so many vectors side by side.
func float64Outer(lanes int) outerKernel {
	switch isa.Active() {
	case isa.AVX512:
		if lanes <= 8 {
			return outerKernel{8, 8, outerF64AVX512x8}
		}
		return outerKernel{8, 16, outerF64AVX512x16}
	case isa.AVX2:
		return outerKernel{4, 8, outerF64AVX2x8}
	}
	return float64OuterGo
}

// Kernels for rows are chosen by the sizes of the elements of source and destination. They report whether there is one.

func moveKernel(r *rowArgs, from, to int) bool {
	if isa.Active() != isa.AVX512 || from+to == 16 {
		return false
	}
	switch from {
	case to:
		moveF32AVX512(r)
	case 4:
		moveF32F64AVX512(r)
	default:
		moveF64F32AVX512(r)
	}
	return true
}

func splitKernel(r *rowArgs, from, to int) bool {
	if isa.Active() != isa.AVX512 || from == 8 {
		return false
	}
	if to == 4 {
		splitF32AVX512(r)
	} else {
		splitF32F64AVX512(r)
	}
	return true
}

func joinKernel(r *rowArgs, from, to int) bool {
	if isa.Active() != isa.AVX512 || to == 8 {
		return false
	}
	if from == 4 {
		joinF32AVX512(r)
	} else {
		joinF64F32AVX512(r)
	}
	return true
}

func transposeKernel(r *rowArgs, from, to int) bool {
	if isa.Active() != isa.AVX512 {
		return false
	}
	switch {
	case from == 8 && to == 8:
		transposeF64AVX512(r)
	case from == 8:
		return false
	case to == 4:
		transposeF32AVX512(r)
	default:
		transposeF32F64AVX512(r)
	}
	return true
}

func pointwiseKernel(op pointwiseOp, p *pointwiseArgs) bool {
	if isa.Active() != isa.AVX512 {
		return false
	}
	switch op {
	case opAdd:
		addAVX512(p)
	case opSubtract:
		subtractAVX512(p)
	case opMultiply:
		multiplyAVX512(p)
	case opRelu:
		reluAVX512(p)
	case opReluGradient:
		reluGradientAVX512(p)
	case opAddScalar:
		addScalarAVX512(p)
	case opScale:
		scaleAVX512(p)
	case opScaleShift:
		scaleShiftAVX512(p)
	case opNormalise:
		normaliseAVX512(p)
	case opNormaliseGradient:
		normaliseGradientAVX512(p)
	case opSigmoidGradient:
		sigmoidGradientAVX512(p)
	case opTanhGradient:
		tanhGradientAVX512(p)
	}
	return true
}

func columnKernel(p *columnArgs) bool {
	if isa.Active() != isa.AVX512 {
		return false
	}
	columnSumsAVX512(p)
	return true
}

func planeKernel(op planeOp, p *planeArgs) bool {
	if isa.Active() != isa.AVX512 {
		return false
	}
	switch op {
	case opSum:
		planeSumAVX512(p)
	case opDot:
		planeDotAVX512(p)
	case opSquares:
		planeSquaresAVX512(p)
	}
	return true
}
