//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

var (
	code8KernelsVNNI  = codeKernels{32, []codeKernel{{12, code8Tile12x32VNNI}, {4, code8Tile4x32VNNI}, {2, code8Tile2x32VNNI}, {1, code8Tile1x32VNNI}}}
	code16KernelsVNNI = codeKernels{32, []codeKernel{{12, code16Tile12x32VNNI}, {4, code16Tile4x32VNNI}, {2, code16Tile2x32VNNI}, {1, code16Tile1x32VNNI}}}
	code16KernelsAVX2 = codeKernels{16, []codeKernel{{6, code16Tile6x16AVX2}, {2, code16Tile2x16AVX2}, {1, code16Tile1x16AVX2}}}
)

// codeKernelsFor returns the kernels for products of codes of 8 or 16 bits, if there are some.
func codeKernelsFor(bits int) (codeKernels, bool) {
	switch {
	case bits == 8:
		return code8KernelsVNNI, hasInt8()
	case active() == isaAVX512 && cpu.X86.HasAVX512VNNI:
		return code16KernelsVNNI, true
	case active() != isaGo:
		return code16KernelsAVX2, true
	}
	return code16KernelsGo, true
}

func codeStraight(args *codePackArgs, bits int) {
	switch {
	case active() != isaAVX512:
		codeStraightGo(args, bits)
	case bits == 8:
		code8StraightAVX512(args)
	default:
		code16StraightAVX512(args)
	}
}

func codeInterleave(args *codePackArgs, bits int) {
	switch {
	case active() != isaAVX512:
		codeInterleaveGo(args, bits)
	case bits == 8:
		code8InterleaveAVX512(args)
	default:
		code16InterleaveAVX512(args)
	}
}
