//go:build !amd64 || noasm

package kernel

// FastBlocks reports whether all functions on blocks have kernels on the current instruction set.
func FastBlocks() bool { return false }

func blockedTile(_, in, out int) blockedTileKernel { return blockedTileKernelGo(in, out) }

func blockedOuter(_, taps int) blockedOuterKernel { return blockedOuterKernelGo(taps) }

func blockedPlaneKernel(blockedOp, *blockedPlaneArgs) bool { return false }
