package kernel

import (
	"math"
	"sync"
	"unsafe"
)

// Products of tensors whose values are codes of 8 bits times powers of two are sums of whole numbers, times a power of
// two. Processors with VPDPBUSD take such sums over codes in int32, four terms at a time, which is exact. The result is
// that of the other kernels, to the bit, wherever their sum is exact: one rounding, from int32 to float32.
//
// A tensor's values are code·2^e, with codes from -128 to 127 and an exponent e per block of its first axis (samples, or
// output channels), or one for all. The functions report whether they did the work; where they did not, the result holds
// anything. They do not without the instruction, in column strides of more than 2 forward, where a sum has more than
// int8Terms terms or a power of two lies beyond float32, and where a value is infinite, NaN or has a code out of range;
// that values are whole multiples of 2^e, the caller vouches for.

// int8Terms bounds the terms of a sum, below which int32 holds it.
const int8Terms = 1<<31/(128*128) - 1

// Bounds of exponents: powers of two up to these are float32 numbers, as are their inverses without loss.
const (
	int8Exponent        = 126
	int8LowestExponent  = -149 // of products
	int8HighestExponent = 127
)

// int8Layout is an order of codes in memory.
type int8Layout int

const (
	int8Interleaved int8Layout = iota
	int8Straight
	int8EvenOdd
)

// int8Powers checks the exponents of two operands and reports whether all powers of two that the kernels need are there.
func int8Powers(a, b []int) bool {
	lowest, highest := 0, 0
	for _, exponents := range [][]int{a, b} {
		if len(exponents) == 0 {
			return false
		}
		low, high := exponents[0], exponents[0]
		for _, e := range exponents {
			low, high = min(low, e), max(high, e)
		}
		if low < -int8Exponent || high > int8Exponent {
			return false
		}
		lowest, highest = lowest+low, highest+high
	}
	return lowest >= int8LowestExponent && highest <= int8HighestExponent
}

// exponentOf is that of a block, or the one of all.
func exponentOf(exponents []int, block int) int {
	if len(exponents) == 1 {
		return exponents[0]
	}
	return exponents[block]
}

func power(e int) float32 { return float32(math.Ldexp(1, e)) }

// int8Workspace is the memory that one goroutine, or one call, works in. It is kept between calls.
type int8Workspace struct {
	source       []byte    // a sample's planes of codes
	placeQuads   []byte    // the same in quads of places
	vectors      []int8    // vectors of an outer product, or packed weights
	plain        []int8    // what becomes vectors
	single       []float32 // outputs that are not yet in their place
	double       []float64
	scratch      []float32
	scales       []float32
	corrections  []int32
	offsets      []int32
	order        []int // of samples
	together     []int8Together
	shifts       []int
	segments     []segment
	apart        [4]segment
	pack         int8PackArgs
	tile         int8TileArgs
	outer        int8OuterArgs
	blocked      blockedTileArgs
	blockedOuter blockedOuterArgs
	places       int8PlacesArgs
}

var int8Workspaces = sync.Pool{New: func() any { return new(int8Workspace) }}

func getInt8Workspace() *int8Workspace { return int8Workspaces.Get().(*int8Workspace) }

// release gives the workspace back, without pointers to the caller's slices.
func (w *int8Workspace) release() {
	w.pack, w.tile, w.outer = int8PackArgs{}, int8TileArgs{}, int8OuterArgs{}
	w.blocked, w.blockedOuter, w.places = blockedTileArgs{}, blockedOuterArgs{}, int8PlacesArgs{}
	int8Workspaces.Put(w)
}

// empty makes room for correlations: weights, corrections, offsets and segments.
func (w *int8Workspace) empty() {
	w.vectors, w.corrections, w.offsets, w.segments = w.vectors[:0], w.corrections[:0], w.offsets[:0], w.segments[:0]
}

// extend adds n zeros to *s and returns them.
func extend[E any](s *[]E, n int) []E {
	*s = append(*s, make([]E, n)...)
	return (*s)[len(*s)-n:]
}

// extent sets the rows of rows to pack; pitches are in elements of source and in bytes of destination.
func (p *int8PackArgs) extent(rows, columns, srcPitch, dstPitch int) {
	p.rows, p.vectors, p.rest = rows, columns/16, columns%16
	p.srcPitch, p.dstPitch = 4*srcPitch, dstPitch
}

// quads packs what terms read of a sample's planes, four planes side by side in the order of channels. A channel below 0
// stands for a plane that has no weights.
// It reports whether all values are codes.
func (w *int8Workspace) quads(g *padded, dst []byte, channels []int, sample []float32, scale float32) bool {
	rows, columns := min(g.height, g.rows-g.top), min(g.width, g.columns-g.left)
	if rows <= 0 || columns <= 0 {
		return true
	}
	p := &w.pack
	for plane := range len(channels) / 4 {
		for i := range 4 {
			c := channels[4*plane+i]
			p.scales[i] = scale
			if c < 0 {
				c, p.scales[i] = channels[4*plane], 0
			}
			p.src[i] = unsafe.Pointer(&sample[c*g.height*g.width])
		}
		p.dst = unsafe.Pointer(&dst[4*g.at(plane, g.top, g.left)])
		p.extent(rows, columns, g.width, 4*g.pitch)
		int8Pack(p, int8Interleaved)
		if p.wrong != 0 {
			return false
		}
	}
	return true
}
