package kernel

import "github.com/halftone-go/halftone/internal/kernel/parallel"

// A tensor of rank 4 in blocks of 16 channels, of which C is a multiple, has its element (n, c, h, w) at
//
//	((n·C/16 + c/16)·H·W + h·W + w)·16 + c%16
//
// which is also the order of its random bits; see Order. A place is what lies at one (h, w) of a block: 16 numbers side by
// side, which make a vector.

// blockChannels is the number of channels of a block.
const blockChannels = 16

// blockBytes is the size of a place of float32.
const blockBytes = 4 * blockChannels

// ToBlocks turns planes of so many elements each into blocks.
func ToBlocks[T Float](dst, src []T, area, threads int) {
	overBlocks(len(dst), len(src), area, threads, func(lo, hi int) {
		Transpose(dst[lo:hi], blockChannels, src[lo:hi], area, blockChannels, area)
	})
}

// FromBlocks turns blocks into planes of so many elements each.
func FromBlocks[T Float](dst, src []T, area, threads int) {
	overBlocks(len(dst), len(src), area, threads, func(lo, hi int) {
		Transpose(dst[lo:hi], area, src[lo:hi], blockChannels, area, blockChannels)
	})
}

// overBlocks calls the body with the ends of each block.
func overBlocks(dst, src, area, threads int, body func(lo, hi int)) {
	if dst != src || area <= 0 || src%(area*blockChannels) != 0 {
		panic(badLength)
	}
	size := area * blockChannels
	parallel.For(src/size, max(1, blockGrain/size), threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			body(i*size, (i+1)*size)
		}
	})
}

// blockGrain is the least number of elements that is worth a thread of its own.
const blockGrain = 1 << 14
