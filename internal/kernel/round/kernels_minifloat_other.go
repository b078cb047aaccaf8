//go:build !amd64 || noasm

package round

func minifloatKernel(*minifloatArgs, minifloatKind) {}
