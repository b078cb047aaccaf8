//go:build amd64 && !noasm

package kernel

import "github.com/halftone-go/halftone/internal/kernel/isa"

// Kernels for products of matrices that are read where they lie; see matrixArgs. The name says element, instruction set and
// rows.

//go:noescape
func matrixF32AVX512by1(args *matrixArgs)

//go:noescape
func matrixF32AVX512by2(args *matrixArgs)

//go:noescape
func matrixF32AVX512by3(args *matrixArgs)

//go:noescape
func matrixF32AVX512by4(args *matrixArgs)

//go:noescape
func matrixF32AVX512by5(args *matrixArgs)

//go:noescape
func matrixF32AVX512by6(args *matrixArgs)

//go:noescape
func matrixF32AVX512by7(args *matrixArgs)

//go:noescape
func matrixF32AVX512by8(args *matrixArgs)

//go:noescape
func matrixF32AVX512by9(args *matrixArgs)

//go:noescape
func matrixF32AVX512by10(args *matrixArgs)

//go:noescape
func matrixF32AVX512by11(args *matrixArgs)

//go:noescape
func matrixF32AVX512by12(args *matrixArgs)

//go:noescape
func matrixF32AVX512by13(args *matrixArgs)

var matrixKernels = [matrixRows + 1]func(*matrixArgs){
	nil,
	matrixF32AVX512by1,
	matrixF32AVX512by2,
	matrixF32AVX512by3,
	matrixF32AVX512by4,
	matrixF32AVX512by5,
	matrixF32AVX512by6,
	matrixF32AVX512by7,
	matrixF32AVX512by8,
	matrixF32AVX512by9,
	matrixF32AVX512by10,
	matrixF32AVX512by11,
	matrixF32AVX512by12,
	matrixF32AVX512by13,
}

// matrixKernel runs the kernel for so many rows, 1 to matrixRows, of float32.
func matrixKernel(rows int, args *matrixArgs) {
	matrixKernels[rows](args)
}

// hasMatrixKernels says whether matrixKernel may be called.
func hasMatrixKernels() bool { return isa.Active() == isa.AVX512 }
