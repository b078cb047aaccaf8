//go:build !amd64 || noasm

package kernel

func stridedKernel(*tilesArgs, tilesKind) {}
