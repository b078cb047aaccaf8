package kernel

import (
	"math/bits"
	"unsafe"
)

// Draw names one use of a stream of random bits: key and upper half of the counter of Philox4x32-10.
type Draw struct {
	Key               [2]uint32
	Execution, Domain uint32
}

// Order says which random bits an element takes from its position in row-major order. The zero value is for tensors of
// any rank but 4. In rank 4, with Channels = C and Area = H·W, the element (n, c, h, w) has index
//
//	((n·ceil(C/16) + c/16)·H·W + h·W + w)·16 + c%16
//
// and otherwise its position is its index. Index e takes block 16·(e/128) + e%16, word (e/16)%4, half (e/64)%2, half 0
// being the low 16 bits.
type Order struct{ Channels, Area int }

// channelGroup is the number of channels that are neighbours in the order of rank 4.
const channelGroup = 16

// chunkBits is the number of draws that 16 blocks make.
const chunkBits = 128

// RandomBits sets random[i] to the 16 random bits of the element at position start+i.
func RandomBits(random []uint16, d Draw, order Order, start int) {
	if len(random) == 0 {
		return
	}
	g := generator{args: randomArgs{execution: d.Execution, domain: d.Domain, keys: roundKeys(d.Key)}}
	lanes := smallPlanes(order, start)
	switch {
	case order.Channels == 0:
		g.row(random, uint64(start))
	case lanes != nil:
		g.wholePlanes(random, lanes, order, start)
	case order.Area < smallArea:
		g.mixedPlanes(random, order, start)
	default:
		g.planes(random, order, start)
	}
}

// smallArea is the number of elements below which draws for a plane by itself would waste most of a chunk.
const smallArea = 64

// generator draws random bits of one stream.
type generator struct{ args randomArgs }

// rows makes whole chunks of draws for elements of consecutive indices.
func (g *generator) rows(dst []uint16, chunks int) {
	g.args.chunks, g.args.stride, g.args.lanes = chunks, 16, &rowLanes
	randomRows(&dst[0], &g.args)
}

// pieces makes whole chunks of draws for planes.
func (g *generator) pieces(dst []uint16, chunks int, stride uint64, lanes *[16]uint64) {
	g.args.chunks, g.args.stride, g.args.lanes = chunks, stride, lanes
	randomPlanes(&dst[0], &g.args)
}

// row draws for elements of consecutive indices.
func (g *generator) row(random []uint16, index uint64) {
	for len(random) > 0 {
		offset := int(index % chunkBits)
		g.args.base = index / chunkBits * 16
		n := len(random) / chunkBits * chunkBits
		if offset == 0 && n > 0 {
			g.rows(random, n/chunkBits)
		} else {
			var chunk [chunkBits]uint16
			g.rows(chunk[:], 1)
			n = copy(random, chunk[offset:])
		}
		random, index = random[n:], index+uint64(n)
	}
}

// planes draws for planes of some size.
func (g *generator) planes(random []uint16, order Order, start int) {
	for len(random) > 0 {
		place := start % order.Area
		channel := start / order.Area % order.Channels
		n := min(order.Area-place, len(random))
		g.plane(random[:n], uint64(order.group(start)*order.Area+place), channel%channelGroup)
		random, start = random[n:], start+n
	}
}

// group is the number of the group of channels that a position lies in.
func (o Order) group(position int) int {
	channel := position / o.Area % o.Channels
	sample := position / o.Area / o.Channels
	return sample*((o.Channels+channelGroup-1)/channelGroup) + channel/channelGroup
}

// plane draws for the indices 16·(place+i) + channel. Eight of them, from a multiple of 8 on, take one block.
func (g *generator) plane(random []uint16, place uint64, channel int) {
	for len(random) > 0 {
		offset := int(place % 8)
		g.args.base = place/8*16 + uint64(channel)
		n := len(random) / chunkBits * chunkBits
		if offset == 0 && n > 0 {
			g.pieces(random, n/chunkBits, 256, &planeLanes)
		} else {
			var chunk [chunkBits]uint16
			g.pieces(chunk[:], 1, 0, &planeLanes)
			n = copy(random, chunk[offset:])
		}
		random, place = random[n:], place+uint64(n)
	}
}

// wholePlanes draws for planes of which several make a chunk, from the start of a chunk on.
func (g *generator) wholePlanes(random []uint16, lanes *[16]uint64, order Order, start int) {
	perChunk := uint64(chunkBits / order.Area)
	for len(random) > 0 {
		channel := start / order.Area % channelGroup
		g.args.base = uint64(order.group(start)*order.Area)/8*16 + uint64(channel)
		n := min((channelGroup-channel)*order.Area, len(random)/chunkBits*chunkBits)
		if n > 0 {
			g.pieces(random, n/chunkBits, perChunk, lanes)
		} else {
			var chunk [chunkBits]uint16
			g.pieces(chunk[:], 1, 0, lanes)
			n = copy(random, chunk[:])
		}
		random, start = random[n:], start+n
	}
}

// mixedPlanes draws for planes of less than smallArea elements in the order of indices, and picks.
func (g *generator) mixedPlanes(random []uint16, order Order, start int) {
	var indexed [smallArea * channelGroup]uint16 // area × channels
	for len(random) > 0 {
		channel := start / order.Area % order.Channels
		first := start%order.Area + channel%channelGroup*order.Area // in the group of channels
		width := min(channelGroup, order.Channels-channel/channelGroup*channelGroup)
		g.row(indexed[:order.Area*channelGroup], uint64(order.group(start)*order.Area*channelGroup))
		n := min(width*order.Area-first, len(random))
		c, place := first/order.Area, first%order.Area
		for i := 0; i < n; c, place = c+1, 0 {
			for ; place < order.Area && i < n; i, place = i+1, place+1 {
				random[i] = indexed[place*channelGroup+c]
			}
		}
		random, start = random[n:], start+n
	}
}

// randomArgs are the arguments of a kernel of random bits: chunks of 16 blocks, whose numbers are base, plus stride for
// each chunk, plus the lane's.
type randomArgs struct {
	chunks            int
	base, stride      uint64
	lanes             *[16]uint64
	execution, domain uint32
	keys              [2 * philoxRounds]uint32 // of the rounds, two each
}

// rowPlace is the place in memory, of 16, of what a lane draws in randomRows; the order saves the kernel shuffles.
func rowPlace(lane int) int { return lane%8/2*4 + lane%2 + lane/8*2 }

// planePlace is the same in randomPlanes.
func planePlace(lane int) int { return lane/8*8 + lane%2*4 + lane%8/2 }

var (
	rowLanes   = lanesOf(rowPlace, func(place int) int { return place })
	planeLanes = lanesOf(planePlace, func(place int) int { return 16 * place })
	// planeLanes8 and so on are the lanes of planes of 8, 16, 32, 64 elements, whose channels are neighbours.
	planeLanes8  = lanesOf(planePlace, func(place int) int { return place })
	planeLanes16 = lanesOf(planePlace, func(place int) int { return 16*(place%2) + place/2 })
	planeLanes32 = lanesOf(planePlace, func(place int) int { return 16*(place%4) + place/4 })
	planeLanes64 = lanesOf(planePlace, func(place int) int { return 16*(place%8) + place/8 })
)

func lanesOf(placeOf, block func(int) int) (lanes [16]uint64) {
	for lane := range lanes {
		lanes[lane] = uint64(block(placeOf(lane)))
	}
	return lanes
}

// smallPlanes returns the lanes for planes of which several make a chunk, if the order has these and start is the start
// of a chunk.
func smallPlanes(o Order, start int) *[16]uint64 {
	if o.Channels%channelGroup != 0 || start%chunkBits != 0 {
		return nil
	}
	switch o.Area {
	case 8:
		return &planeLanes8
	case 16:
		return &planeLanes16
	case 32:
		return &planeLanes32
	case 64:
		return &planeLanes64
	}
	return nil
}

// randomRowsGo is the plain form of the kernel that stores for each chunk the lower halves of the first words of all
// lanes, then of the second, third and fourth words, then the upper halves likewise.
func randomRowsGo(dst *uint16, g *randomArgs) {
	chunks := unsafe.Slice((*[chunkBits]uint16)(unsafe.Pointer(dst)), g.chunks)
	for c := range chunks {
		chunk := &chunks[c]
		for lane := range g.lanes {
			place := rowPlace(lane)
			for i, w := range g.block(c, lane) {
				chunk[16*i+place], chunk[64+16*i+place] = uint16(w), uint16(w>>16)
			}
		}
	}
}

// randomPlanesGo is the plain form of the kernel that stores for each chunk and lane the lower halves of the four words,
// then the upper halves.
func randomPlanesGo(dst *uint16, g *randomArgs) {
	chunks := unsafe.Slice((*[chunkBits]uint16)(unsafe.Pointer(dst)), g.chunks)
	for c := range chunks {
		chunk := &chunks[c]
		for lane := range g.lanes {
			to := chunk[8*planePlace(lane):][:8]
			for i, w := range g.block(c, lane) {
				to[i], to[4+i] = uint16(w), uint16(w>>16)
			}
		}
	}
}

// block returns what a lane draws in a chunk.
func (g *randomArgs) block(chunk, lane int) [4]uint32 {
	number := g.base + uint64(chunk)*g.stride + g.lanes[lane]
	return philox([4]uint32{uint32(number), uint32(number >> 32), g.execution, g.domain}, &g.keys)
}

// Constants of Philox4x32 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
const (
	philoxMultiply0 = 0xD2511F53
	philoxMultiply1 = 0xCD9E8D57
	philoxWeyl0     = 0x9E3779B9
	philoxWeyl1     = 0xBB67AE85
	philoxRounds    = 10
)

func roundKeys(key [2]uint32) (keys [2 * philoxRounds]uint32) {
	for i := range philoxRounds {
		keys[2*i], keys[2*i+1] = key[0], key[1]
		key[0] += philoxWeyl0
		key[1] += philoxWeyl1
	}
	return keys
}

// philox is the block function of Philox4x32-10.
func philox(c [4]uint32, keys *[2 * philoxRounds]uint32) [4]uint32 {
	for i := 0; i < len(keys); i += 2 {
		hi0, lo0 := bits.Mul32(philoxMultiply0, c[0])
		hi1, lo1 := bits.Mul32(philoxMultiply1, c[2])
		c = [4]uint32{hi1 ^ c[1] ^ keys[i], lo1, hi0 ^ c[3] ^ keys[i+1], lo0}
	}
	return c
}
