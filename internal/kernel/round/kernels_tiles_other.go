//go:build !amd64 || noasm

package round

func tilesKernel(*tilesArgs, tilesKind) {}
