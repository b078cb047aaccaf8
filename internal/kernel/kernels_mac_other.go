//go:build !amd64 || noasm

package kernel

func macKernel(macKind, *macArgs) bool { return false }
