//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// minifloatKernel runs the kernel for the kind. There is none for codes of 8 bits of aligned grids.
func minifloatKernel(m *minifloatArgs, kind minifloatKind) {
	if isa.Active() == isa.AVX512 {
		minifloatAVX512(m, kind)
	} else {
		minifloatAVX2(m, kind)
	}
}

func minifloatAVX512(m *minifloatArgs, kind minifloatKind) {
	switch kind {
	case minifloatKind{size: 4}:
		minifloatNearestValuesAVX512(m)
	case minifloatKind{size: 1}:
		minifloatNearestCodes8AVX512(m)
	case minifloatKind{size: 2}:
		minifloatNearestCodes16AVX512(m)
	case minifloatKind{size: 4, random: true}:
		minifloatRandomValuesAVX512(m)
	case minifloatKind{size: 1, random: true}:
		minifloatRandomCodes8AVX512(m)
	case minifloatKind{size: 2, random: true}:
		minifloatRandomCodes16AVX512(m)
	case minifloatKind{size: 4, aligned: true}:
		alignedNearestValuesAVX512(m)
	case minifloatKind{size: 2, aligned: true}:
		alignedNearestCodes16AVX512(m)
	case minifloatKind{size: 4, aligned: true, random: true}:
		alignedRandomValuesAVX512(m)
	case minifloatKind{size: 2, aligned: true, random: true}:
		alignedRandomCodes16AVX512(m)
	}
}

func minifloatAVX2(m *minifloatArgs, kind minifloatKind) {
	switch kind {
	case minifloatKind{size: 4}:
		minifloatNearestValuesAVX2(m)
	case minifloatKind{size: 1}:
		minifloatNearestCodes8AVX2(m)
	case minifloatKind{size: 2}:
		minifloatNearestCodes16AVX2(m)
	case minifloatKind{size: 4, random: true}:
		minifloatRandomValuesAVX2(m)
	case minifloatKind{size: 1, random: true}:
		minifloatRandomCodes8AVX2(m)
	case minifloatKind{size: 2, random: true}:
		minifloatRandomCodes16AVX2(m)
	case minifloatKind{size: 4, aligned: true}:
		alignedNearestValuesAVX2(m)
	case minifloatKind{size: 2, aligned: true}:
		alignedNearestCodes16AVX2(m)
	case minifloatKind{size: 4, aligned: true, random: true}:
		alignedRandomValuesAVX2(m)
	case minifloatKind{size: 2, aligned: true, random: true}:
		alignedRandomCodes16AVX2(m)
	}
}
