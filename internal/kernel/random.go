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
	lanes, divides := smallPlaneLanes[order.Area]
	switch {
	case order.Channels == 0:
		g.row(random, uint64(start))
	case divides && order.Channels%channelGroup == 0 && start%chunkBits == 0:
		g.wholePlanes(random, lanes, order, start)
	case order.Area < 64:
		g.smallPlanes(random, order, start)
	default:
		g.planes(random, order, start)
	}
}

// generator draws random bits of one stream.
type generator struct {
	args  randomArgs
	chunk [chunkBits]uint16
}

// row draws for elements of consecutive indices.
func (g *generator) row(random []uint16, index uint64) {
	for len(random) > 0 {
		offset := int(index % chunkBits)
		g.args.base = index / chunkBits * 16
		n := 0
		if offset == 0 && len(random) >= chunkBits {
			n = len(random) / chunkBits * chunkBits
			g.run(random, n/chunkBits, 16, &neighbourLanes, randomRows)
		} else {
			g.run(g.chunk[:], 1, 0, &neighbourLanes, randomRows)
			n = copy(random, g.chunk[offset:])
		}
		random, index = random[n:], index+uint64(n)
	}
}

// planes draws for planes of some size: 8 neighbours take their bits from one block.
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

// plane draws for the indices 16·(place+i) + lane.
func (g *generator) plane(random []uint16, place uint64, lane int) {
	for len(random) > 0 {
		offset := int(place % 8)
		g.args.base = place/8*16 + uint64(lane)
		n := 0
		if offset == 0 && len(random) >= chunkBits {
			n = len(random) / chunkBits * chunkBits
			g.run(random, n/chunkBits, 256, &planeLanes, randomPlanes)
		} else {
			g.run(g.chunk[:], 1, 0, &planeLanes, randomPlanes)
			n = copy(random, g.chunk[offset:])
		}
		random, place = random[n:], place+uint64(n)
	}
}

// wholePlanes draws for planes of which several make a chunk, from the start of a chunk on.
func (g *generator) wholePlanes(random []uint16, lanes *[16]uint32, order Order, start int) {
	perChunk := chunkBits / order.Area
	for len(random) > 0 {
		lane := start / order.Area % channelGroup
		g.args.base = uint64(order.group(start)*order.Area)/8*16 + uint64(lane)
		n := min((channelGroup-lane)*order.Area, len(random)/chunkBits*chunkBits)
		if n > 0 {
			g.run(random, n/chunkBits, uint64(perChunk), lanes, randomPlanes)
		} else {
			g.run(g.chunk[:], 1, 0, lanes, randomPlanes)
			n = copy(random, g.chunk[:])
		}
		random, start = random[n:], start+n
	}
}

// smallPlanes draws for planes of less than 64 elements.
func (g *generator) smallPlanes(random []uint16, order Order, start int) {
	// In the order of indices, a group of channels is area × channels.
	var indexed [64 * channelGroup]uint16
	for len(random) > 0 {
		channel := start / order.Area % order.Channels
		groupStart := start - start%order.Area - channel%channelGroup*order.Area
		width := min(channelGroup, order.Channels-channel/channelGroup*channelGroup)
		g.row(indexed[:order.Area*channelGroup], uint64(order.group(start)*order.Area*channelGroup))
		first := start - groupStart
		n := min(width*order.Area-first, len(random))
		c, place := first/order.Area, first%order.Area
		for i := range random[:n] {
			random[i] = indexed[place*channelGroup+c]
			if place++; place == order.Area {
				c, place = c+1, 0
			}
		}
		random, start = random[n:], start+n
	}
}

func (g *generator) run(dst []uint16, chunks int, stride uint64, lanes *[16]uint32, kernel func(*randomArgs)) {
	g.args.dst, g.args.chunks, g.args.stride, g.args.lanes = unsafe.Pointer(unsafe.SliceData(dst)), chunks, stride, lanes
	kernel(&g.args)
}

// randomArgs are the arguments of a kernel of random bits: chunks of 16 blocks, whose numbers are base, plus stride for
// each chunk, plus the lane's.
type randomArgs struct {
	dst               unsafe.Pointer // uint16
	chunks            int
	base, stride      uint64
	lanes             *[16]uint32
	execution, domain uint32
	keys              [2 * philoxRounds]uint32 // of the rounds, two each
}

// neighbourLanes are 16 consecutive blocks.
var neighbourLanes = [16]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// planeLanes are every sixteenth block: a piece of a plane.
var planeLanes = lanesOfPlanes(chunkBits)

// smallPlaneLanes are the lanes of a chunk that holds 2, 4, 8 or 16 planes.
var smallPlaneLanes = map[int]*[16]uint32{64: new(lanesOfPlanes(64)), 32: new(lanesOfPlanes(32)), 16: new(lanesOfPlanes(16)), 8: new(lanesOfPlanes(8))}

// lanesOfPlanes returns the lanes of consecutive planes of so many elements, which are those of consecutive channels, in
// the order that randomPlanes stores one after the other: lane 4i+j goes to place 4j+i.
func lanesOfPlanes(area int) (lanes [16]uint32) {
	for i := range lanes {
		place := i%4*4 + i/4
		lanes[i] = uint32(place%(area/8)*16 + place/(area/8))
	}
	return lanes
}

// randomRowsGo is the plain form of the kernel that stores for each chunk the lower halves of the first words of all
// lanes, then of the second, third and fourth words, then the upper halves likewise.
func randomRowsGo(g *randomArgs) {
	g.each(func(dst []uint16, lane int, words [4]uint32) {
		for i, w := range words {
			dst[16*i+lane], dst[64+16*i+lane] = uint16(w), uint16(w>>16)
		}
	})
}

// randomPlanesGo is the plain form of the kernel that stores for each chunk and lane the lower halves of the four words,
// then the upper halves.
func randomPlanesGo(g *randomArgs) {
	g.each(func(dst []uint16, lane int, words [4]uint32) {
		to := dst[8*(lane%4*4+lane/4):][:8]
		for i, w := range words {
			to[i], to[4+i] = uint16(w), uint16(w>>16)
		}
	})
}

func (g *randomArgs) each(store func(dst []uint16, lane int, words [4]uint32)) {
	dst := unsafe.Slice((*uint16)(g.dst), g.chunks*chunkBits)
	for c := range g.chunks {
		for lane, increment := range g.lanes {
			number := g.base + uint64(c)*g.stride + uint64(increment)
			words := philox([4]uint32{uint32(number), uint32(number >> 32), g.execution, g.domain}, &g.keys)
			store(dst[c*chunkBits:][:chunkBits], lane, words)
		}
	}
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
