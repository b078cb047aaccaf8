//go:build amd64 && !noasm

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

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
	case isa.Active() == isa.AVX512 && cpu.X86.HasAVX512VNNI:
		return code16KernelsVNNI, true
	case isa.Active() != isa.Go:
		return code16KernelsAVX2, true
	}
	return code16KernelsGo, true
}

func codeStraight(args *codePackArgs, bits int) {
	switch {
	case isa.Active() == isa.AVX512 && bits == 8:
		code8StraightAVX512(args)
	case isa.Active() == isa.AVX512:
		code16StraightAVX512(args)
	case isa.Active() == isa.AVX2 && bits == 16:
		codePackAVX2(args, 2, code16StraightAVX2, codeStraightGo)
	default:
		codeStraightGo(args, bits)
	}
}

func codeInterleave(args *codePackArgs, bits int) {
	switch {
	case isa.Active() == isa.AVX512 && bits == 8:
		code8InterleaveAVX512(args)
	case isa.Active() == isa.AVX512:
		code16InterleaveAVX512(args)
	case isa.Active() == isa.AVX2 && bits == 16:
		codePackAVX2(args, 4, code16InterleaveAVX2, codeInterleaveGo)
	default:
		codeInterleaveGo(args, bits)
	}
}

// codePackAVX2 runs a kernel for whole vectors, and the plain one for the columns after the last. Columns are so many bytes
// apart in the destination.
func codePackAVX2(args *codePackArgs, column int, whole func(*codePackArgs), rest func(*codePackArgs, int)) {
	before := *args
	vectors, wrong := args.vectors, uint64(0)
	if vectors > 0 {
		whole(args)
		args.rows, wrong = before.rows, args.wrong
	}
	if args.rest > 0 {
		for i, src := range args.src {
			if src != nil {
				args.src[i] = unsafe.Add(src, 64*vectors)
			}
		}
		args.dst, args.columnScales, args.vectors = unsafe.Add(args.dst, 16*column*vectors), unsafe.Add(args.columnScales, 64*vectors), 0
		rest(args, 16)
		wrong |= args.wrong
	}
	*args = before
	args.wrong = wrong
}
