package kernel

import (
	"slices"
	"sync"
	"unsafe"
)

// int8PlacesArgs are the arguments of the kernel that copies rows of places of 16 channels of codes, plus 128, and puts the
// channels into another order: 4 places at a time from what the parts say, 128 where they say nothing. Every field has 8
// bytes.
type int8PlacesArgs struct {
	src, dst  unsafe.Pointer
	rows      int            // at least 1; the kernel counts them down
	quads     int            // of a row, at least 1
	parts     unsafe.Pointer // int8Part
	partCount int
	dstSkip   int // bytes from a row's last place to the next row's first
}

// int8Part is what 4 places of a block of slots take from a block of the source: its distance in bytes, which bytes are
// taken, and from where.
type int8Part struct {
	source int
	taken  uint64
	from   [64]byte
}

// int8PartsOf lists, for each 16 slots, the parts that put channels there; slots below 0 take none. Blocks of the source
// are so many bytes apart. The lists take the memory of earlier ones.
func int8PartsOf(parts [][]int8Part, channels []int, blockBytes int) [][]int8Part {
	blocks := (len(channels) + blockChannels - 1) / blockChannels
	parts = slices.Grow(parts[:0], blocks)[:blocks]
	for i := range parts {
		parts[i] = parts[i][:0]
	}
	for slot, channel := range channels {
		if channel < 0 {
			continue
		}
		list := &parts[slot/blockChannels]
		source := channel / blockChannels * blockBytes
		at := 0
		for at < len(*list) && (*list)[at].source != source {
			at++
		}
		if at == len(*list) {
			*list = append(*list, int8Part{source: source})
		}
		part := &(*list)[at]
		for place := range quadPlaces {
			to := place*blockChannels + slot%blockChannels
			part.taken |= 1 << to
			part.from[to] = byte(place*blockChannels + channel%blockChannels)
		}
	}
	return parts
}

// int8InOrder are the parts of blocks whose channels keep their order, by number and size of blocks.
var int8InOrder sync.Map // of [2]int to [][]int8Part

// int8PartsInOrder is int8PartsOf for so many blocks whose channels keep their order.
func int8PartsInOrder(blocks, blockBytes int) [][]int8Part {
	key := [2]int{blocks, blockBytes}
	if parts, ok := int8InOrder.Load(key); ok {
		return parts.([][]int8Part)
	}
	parts, _ := int8InOrder.LoadOrStore(key, int8PartsOf(nil, new(int8Order).ascending(blocks*blockChannels), blockBytes))
	return parts.([][]int8Part)
}

// int8FillPlaces copies a sample of codes into a source with 128 around it, which is there already, by parts of each block.
func (w *int8Workspace) int8FillPlaces(g *blockedSource, dst []byte, sample []int8, parts [][]int8Part) {
	for block, list := range parts {
		w.places = int8PlacesArgs{
			src: unsafe.Pointer(&sample[0]), dst: unsafe.Pointer(&dst[g.at(block, g.top, g.left)]),
			rows: g.height, quads: g.width / quadPlaces, parts: unsafe.Pointer(&list[0]), partCount: len(list),
			dstSkip: (g.columns - g.width) * blockChannels,
		}
		int8Places(&w.places)
	}
}

// int8Whole makes the copy hold all of the source, and reports whether it can be made: from rows of whole quads.
func (g *blockedSource) int8Whole() bool {
	g.rows, g.columns = max(g.rows, g.top+g.height), max(g.columns, g.left+g.width)
	return g.width%quadPlaces == 0
}

// int8Copies are the copies of codes of the shape, in which 128 stands for zero. A quad with a stride reads behind its last
// place.
func (g *blockedSource) int8Copies() *paddedCopies[byte] {
	const beyond = 64
	return copiesOf(g.asKey(), g.size()+beyond, byte(128))
}
