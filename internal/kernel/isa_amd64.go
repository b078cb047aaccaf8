//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// bestISA returns the best instruction set of this processor: the flags are those of the instructions that the
// generated kernels use.
func bestISA() isa {
	x := cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA && x.HasPOPCNT:
		return isaAVX512
	case x.HasAVX2 && x.HasFMA && x.HasPOPCNT:
		return isaAVX2
	}
	return isaGo
}
