//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// stridedKernel runs the kernel for the kind.
func stridedKernel(t *tilesArgs, kind tilesKind) {
	if isa.Active() == isa.AVX512 {
		stridedAVX512(t, kind)
	} else {
		stridedAVX2(t, kind)
	}
}

func stridedAVX512(t *tilesArgs, kind tilesKind) {
	switch kind {
	case tilesKind{size: 4}:
		stridedFloatNearestValuesAVX512(t)
	case tilesKind{size: 1}:
		stridedFloatNearestCodes8AVX512(t)
	case tilesKind{size: 2}:
		stridedFloatNearestCodes16AVX512(t)
	case tilesKind{size: 4, random: true}:
		stridedFloatRandomValuesAVX512(t)
	case tilesKind{size: 1, random: true}:
		stridedFloatRandomCodes8AVX512(t)
	case tilesKind{size: 2, random: true}:
		stridedFloatRandomCodes16AVX512(t)
	case tilesKind{linear: true, size: 4}:
		stridedLinearNearestValuesAVX512(t)
	case tilesKind{linear: true, size: 1}:
		stridedLinearNearestCodes8AVX512(t)
	case tilesKind{linear: true, size: 2}:
		stridedLinearNearestCodes16AVX512(t)
	case tilesKind{linear: true, size: 4, random: true}:
		stridedLinearRandomValuesAVX512(t)
	case tilesKind{linear: true, size: 1, random: true}:
		stridedLinearRandomCodes8AVX512(t)
	case tilesKind{linear: true, size: 2, random: true}:
		stridedLinearRandomCodes16AVX512(t)
	}
}

func stridedAVX2(t *tilesArgs, kind tilesKind) {
	switch kind {
	case tilesKind{size: 4}:
		stridedFloatNearestValuesAVX2(t)
	case tilesKind{size: 1}:
		stridedFloatNearestCodes8AVX2(t)
	case tilesKind{size: 2}:
		stridedFloatNearestCodes16AVX2(t)
	case tilesKind{size: 4, random: true}:
		stridedFloatRandomValuesAVX2(t)
	case tilesKind{size: 1, random: true}:
		stridedFloatRandomCodes8AVX2(t)
	case tilesKind{size: 2, random: true}:
		stridedFloatRandomCodes16AVX2(t)
	case tilesKind{linear: true, size: 4}:
		stridedLinearNearestValuesAVX2(t)
	case tilesKind{linear: true, size: 1}:
		stridedLinearNearestCodes8AVX2(t)
	case tilesKind{linear: true, size: 2}:
		stridedLinearNearestCodes16AVX2(t)
	case tilesKind{linear: true, size: 4, random: true}:
		stridedLinearRandomValuesAVX2(t)
	case tilesKind{linear: true, size: 1, random: true}:
		stridedLinearRandomCodes8AVX2(t)
	case tilesKind{linear: true, size: 2, random: true}:
		stridedLinearRandomCodes16AVX2(t)
	}
}
