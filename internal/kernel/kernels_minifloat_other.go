//go:build !amd64 || noasm

package kernel

func minifloatKernel(*minifloatArgs, minifloatKind) {}
