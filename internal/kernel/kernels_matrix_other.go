//go:build !amd64 || noasm

package kernel

func matrixKernel(int, *matrixArgs) { panic("kernel: no kernels for products of matrices in place") }

func hasMatrixKernels() bool { return false }
