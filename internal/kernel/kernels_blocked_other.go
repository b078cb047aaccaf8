//go:build !amd64 || noasm

package kernel

// FastBlocks reports whether all functions on blocks have kernels on the current instruction set.
func FastBlocks() bool { return false }

func blockedTile(_, in, out int) blockedTileKernel { return blockedTileKernelGo(in, out) }

func blockedOuter(_, taps int) blockedOuterKernel { return blockedOuterKernelGo(taps) }

func blockedPlaneKernel(blockedOp, *blockedPlaneArgs) bool { return false }

// Without hasInt8 the kernels for codes are not called.

func int8BlockedTile(int, int, int) blockedTileKernel { return blockedTileKernel{} }

func int8BlockedOuter(int, int, bool) blockedOuterKernel { return blockedOuterKernel{} }

func int8Quads(*int8PackArgs, int) {}

func int8Places(*int8PlacesArgs) {}
