//go:build amd64 && !noasm

package kernel

import (
	"golang.org/x/sys/cpu"

	"github.com/halftone-go/halftone/internal/kernel/isa"
)

func hasPairsVNNI() bool { return isa.Active() == isa.AVX512 && cpu.X86.HasAVX512VNNI }

// pairTile returns the tile kernel for rows of so many outputs.
func pairTile(columns int) tileKernel {
	last := columns % 16
	switch {
	case hasPairsVNNI() && last >= 1 && last <= 8:
		return tileKernel{8, 4, 8, tilePairsVNNIx8}
	case hasPairsVNNI():
		return tileKernel{8, 2, 16, tilePairsVNNIx16}
	case isa.Active() != isa.Go:
		return tileKernel{4, 2, 8, tilePairsAVX2x8}
	}
	return pairTileGo
}

// pairOuter returns the outer-product kernel for so many vectors side by side.
func pairOuter(lanes int) outerKernel {
	switch {
	case hasPairsVNNI() && lanes <= 16:
		return outerKernel{8, 16, outerPairsVNNIx16}
	case hasPairsVNNI():
		return outerKernel{8, 32, outerPairsVNNIx32}
	case isa.Active() != isa.Go:
		return outerKernel{4, 16, outerPairsAVX2x16}
	}
	return pairOuterGo
}

// scaleSums runs a kernel and leaves it the columns that it does not do.
func scaleSums(args *scaleSumsArgs) {
	switch columns := args.columns; isa.Active() {
	case isa.AVX512:
		args.vectors, args.rest = columns/16, columns%16
		scaleSumsAVX512(args)
	case isa.AVX2:
		rows := args.rows
		args.vectors = columns / 8
		scaleSumsAVX2(args)
		args.rows = rows
		scaleSumsGo(args, columns/8*8)
	default:
		scaleSumsGo(args, 0)
	}
}
