//go:build !amd64 || noasm

package round

func stridedKernel(*tilesArgs, tilesKind) {}
