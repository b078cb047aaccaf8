//go:build amd64 && !noasm

package kernel

import (
	"golang.org/x/sys/cpu"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// hasInt8 reports whether there are kernels for products of codes of 8 bits.
func hasInt8() bool { return isa.Active() == isa.AVX512 && cpu.X86.HasAVX512VNNI }

// hasInt8Blocks reports whether there are the instructions of convolutions on blocks of codes, which move single bytes.
func hasInt8Blocks() bool { return hasInt8() && cpu.X86.HasAVX512VBMI }

func int8Pack(args *int8PackArgs, layout int8Layout) {
	switch layout {
	case int8Interleaved:
		int8InterleaveVNNI(args)
	case int8EvenOdd:
		int8SplitVNNI(args)
	default:
		int8PlainVNNI(args)
	}
}

// int8Tile runs the kernel for so many vectors of channels and the step between the sources of neighbouring outputs.
func int8Tile(args *int8TileArgs, vectors, step int) {
	switch {
	case vectors == 1 && step == 1:
		int8Tile16x16Step1VNNI(args)
	case vectors == 1:
		int8Tile16x16Step2VNNI(args)
	case step == 1:
		int8Tile8x32Step1VNNI(args)
	default:
		int8Tile8x32Step2VNNI(args)
	}
}

// int8Outer runs the kernel for so many vectors of channels, and totals in float64 or float32.
func int8Outer(args *int8OuterArgs, vectors int, double bool) {
	switch {
	case double && vectors == 1:
		int8OuterF64x16VNNI(args)
	case double:
		int8OuterF64x32VNNI(args)
	case vectors == 1:
		int8OuterF32x16VNNI(args)
	default:
		int8OuterF32x32VNNI(args)
	}
}

func int8Negative(args *int8OuterArgs) { int8NegativeVNNI(args) }
