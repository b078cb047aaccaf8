//go:build amd64 && !noasm

package isa

import "golang.org/x/sys/cpu"

// Best returns the best instruction set of this processor: the flags are those of the instructions that the
// generated kernels use.
func Best() Set {
	x := cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA && x.HasPOPCNT:
		return AVX512
	case x.HasAVX2 && x.HasFMA && x.HasPOPCNT:
		return AVX2
	}
	return Go
}
