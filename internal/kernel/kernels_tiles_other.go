//go:build !amd64 || noasm

package kernel

func tilesKernel(*tilesArgs, tilesKind) {}
