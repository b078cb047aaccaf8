//go:build !amd64 || noasm

package kernel

func codeKernelsFor(bits int) (codeKernels, bool) { return code16KernelsGo, bits == 16 }

func codeStraight(args *codePackArgs, bits int) { codeStraightGo(args, bits) }

func codeInterleave(args *codePackArgs, bits int) { codeInterleaveGo(args, bits) }
