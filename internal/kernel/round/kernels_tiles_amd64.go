//go:build amd64 && !noasm

package round

import "github.com/halftone-go/halftone/internal/kernel/isa"

// tilesKernel runs the kernel for the kind.
func tilesKernel(t *tilesArgs, kind tilesKind) {
	if isa.Active() == isa.AVX512 {
		tilesAVX512(t, kind)
	} else {
		tilesAVX2(t, kind)
	}
}

func tilesAVX512(t *tilesArgs, kind tilesKind) {
	switch kind {
	case tilesKind{size: 4}:
		tilesFloatNearestValuesAVX512(t)
	case tilesKind{size: 1}:
		tilesFloatNearestCodes8AVX512(t)
	case tilesKind{size: 2}:
		tilesFloatNearestCodes16AVX512(t)
	case tilesKind{size: 4, random: true}:
		tilesFloatRandomValuesAVX512(t)
	case tilesKind{size: 1, random: true}:
		tilesFloatRandomCodes8AVX512(t)
	case tilesKind{size: 2, random: true}:
		tilesFloatRandomCodes16AVX512(t)
	case tilesKind{linear: true, size: 4}:
		tilesLinearNearestValuesAVX512(t)
	case tilesKind{linear: true, size: 1}:
		tilesLinearNearestCodes8AVX512(t)
	case tilesKind{linear: true, size: 2}:
		tilesLinearNearestCodes16AVX512(t)
	case tilesKind{linear: true, size: 4, random: true}:
		tilesLinearRandomValuesAVX512(t)
	case tilesKind{linear: true, size: 1, random: true}:
		tilesLinearRandomCodes8AVX512(t)
	case tilesKind{linear: true, size: 2, random: true}:
		tilesLinearRandomCodes16AVX512(t)
	}
}

func tilesAVX2(t *tilesArgs, kind tilesKind) {
	switch kind {
	case tilesKind{size: 4}:
		tilesFloatNearestValuesAVX2(t)
	case tilesKind{size: 1}:
		tilesFloatNearestCodes8AVX2(t)
	case tilesKind{size: 2}:
		tilesFloatNearestCodes16AVX2(t)
	case tilesKind{size: 4, random: true}:
		tilesFloatRandomValuesAVX2(t)
	case tilesKind{size: 1, random: true}:
		tilesFloatRandomCodes8AVX2(t)
	case tilesKind{size: 2, random: true}:
		tilesFloatRandomCodes16AVX2(t)
	case tilesKind{linear: true, size: 4}:
		tilesLinearNearestValuesAVX2(t)
	case tilesKind{linear: true, size: 1}:
		tilesLinearNearestCodes8AVX2(t)
	case tilesKind{linear: true, size: 2}:
		tilesLinearNearestCodes16AVX2(t)
	case tilesKind{linear: true, size: 4, random: true}:
		tilesLinearRandomValuesAVX2(t)
	case tilesKind{linear: true, size: 1, random: true}:
		tilesLinearRandomCodes8AVX2(t)
	case tilesKind{linear: true, size: 2, random: true}:
		tilesLinearRandomCodes16AVX2(t)
	}
}
