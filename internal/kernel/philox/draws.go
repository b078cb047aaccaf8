package philox

import "unsafe"

// Where a kernel's random bits come from.
const (
	drawNothing = iota // all draws may be anything
	drawMemory         // they are in memory, followed by Slack bytes that may be read
	drawRows           // for elements of consecutive indices
	drawPlanes         // for elements of planes
)

// Slack is the number of bytes behind draws in memory that kernels may read.
const Slack = 32

const chunkDraws = 128 // that 16 blocks make

// Draws is the part of a kernel's arguments that says which random bits the elements of a run take: those in memory,
// or what chunks of 16 blocks give. The numbers of the blocks of the first chunk are base plus each of lanes; for each
// further one, base moves on by stride, and by jump more where a plane ends. Kernels change skip, base and left.
//
// A chunk of rows draws, for each word and half of words (the four lower halves first), the 16 elements of the blocks in
// their order; a chunk of planes, for each block, the 8 elements of its words and halves.
type Draws struct {
	source            int // one of the above
	memory            unsafe.Pointer
	skip              int // draws of the first chunk that come before the run
	base, stride      uint64
	left, perPlane    int // chunks in this plane, and in the next ones
	jump              uint64
	lanes             *[16]uint64 // in the order of lanes; see rowPlace and planePlace
	execution, domain uint32
	keys              philoxKeys
}

// rowPlace is the place, of the 16 blocks of a chunk of rows, of what a lane draws; the order saves kernels shuffles.
func rowPlace(lane int) int { return lane%8/2*4 + lane%2 + lane/8*2 }

// planePlace is the same in a chunk of planes.
func planePlace(lane int) int { return lane/8*8 + lane%2*4 + lane%8/2 }

var (
	rowLanes   = lanesOf(rowPlace, func(place int) int { return place })
	planeLanes = lanesOf(planePlace, func(place int) int { return 16 * place })
	// Planes of 8, 16, 32, 64 elements share chunks with those of the next channels.
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

// Anything lets all draws be anything.
func (d *Draws) Anything() { d.source = drawNothing }

// Each calls the body with draws for one piece after the other of a run of n elements: it is the plain form of the
// loop that kernels have (philox.each of the generator).
func (d *Draws) Each(n int, body func(draws []uint16)) {
	if d.source == drawMemory {
		body(unsafe.Slice((*uint16)(d.memory), n))
		return
	}
	var chunk [chunkDraws]uint16
	for n > 0 {
		if d.source != drawNothing {
			d.chunk(&chunk)
		}
		count := min(chunkDraws-d.skip, n)
		body(chunk[d.skip:][:count])
		d.skip = 0
		n -= count
	}
}

// chunk draws 16 blocks and moves on to the next chunk.
func (d *Draws) chunk(chunk *[chunkDraws]uint16) {
	for lane, offset := range d.lanes {
		number := d.base + offset
		words := block([4]uint32{uint32(number), uint32(number >> 32), d.execution, d.domain}, &d.keys)
		for i, w := range words {
			if d.source == drawRows {
				place := 16*i + rowPlace(lane)
				chunk[place], chunk[64+place] = uint16(w), uint16(w>>16)
			} else {
				place := 8*planePlace(lane) + i
				chunk[place], chunk[4+place] = uint16(w), uint16(w>>16)
			}
		}
	}
	d.base += d.stride
	d.left--
	if d.left == 0 {
		d.base += d.jump
		d.left = d.perPlane
	}
}
