package round

import (
	"sync"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// Blocks whose elements are a stride apart are rounded side by side, as many as a vector has lanes.

// stridedLanes is how many blocks' random bits are drawn at a time.
const stridedLanes = 512

// stridedScratch is memory of a call.
type stridedScratch struct {
	bits      [tilesLength * stridedLanes]uint16
	inputs    [tilesLength * wholeLength]float32
	outputs   [tilesLength * wholeLength]float32 // or codes
	drawn     [tilesLength * wholeLength]uint16
	exponents [wholeLength]int16
}

var stridedPool = sync.Pool{New: func() any { return new(stridedScratch) }}

// columns are blocks side by side.
type columns[O output] struct {
	dst       []O
	src       []float32 // from the first element of the first block on
	exponents []int16   // of every block
	bits      []uint16
	rows      int // elements of a block
	pitch     int // elements from a row to the next
	bitsPitch int
}

// from returns the columns from one on.
func (c columns[O]) from(lane int) columns[O] {
	c.dst, c.src, c.exponents, c.bits = c.dst[lane:], c.src[lane:], c.exponents[lane:], tail(c.bits, lane)
	return c
}

// strided rounds rows whose elements are a stride apart.
func (r *tilesRun[O]) strided(dst []O, src []float32, exponents []int16, random Random) {
	memory := stridedPool.Get().(*stridedScratch)
	defer stridedPool.Put(memory)
	length, inner := r.tiles.RowLength, r.tiles.Inner
	for row := 0; row < len(src)/inner; {
		rows := min(r.tiles.Length, length-row%length)
		for lane := 0; lane < inner; lane += stridedLanes {
			at, lanes := row*inner+lane, min(stridedLanes, inner-lane)
			c := columns[O]{dst: dst[at:], src: src[at:], exponents: exponents[lane : lane+lanes], rows: rows, pitch: inner}
			switch r.rounding {
			case Stochastic:
				c.bits, c.bitsPitch = memory.bits[:rows*lanes], lanes
				drawColumns(c.bits, random, at, lanes, inner)
			case Floor:
				c.bits = noRandomBits[:lanes]
			}
			r.columns(c, memory)
		}
		exponents = exponents[inner:]
		row += rows
	}
}

// drawColumns draws the bits of rows of so many lanes, whose elements are inner apart, the first one at a position of the run.
func drawColumns(bits []uint16, random Random, at, lanes, inner int) {
	if lanes == inner { // all are neighbours
		lanes = len(bits)
	}
	for ; len(bits) > 0; at += inner {
		philox.Bits(bits[:lanes], random.Draw, random.Order, random.Start+at)
		bits = bits[lanes:]
	}
}

// columns rounds blocks side by side.
func (r *tilesRun[O]) columns(c columns[O], memory *stridedScratch) {
	lanes := len(c.exponents)
	if !r.fits {
		r.plainColumns(c, 0, lanes)
		return
	}
	whole := lanes &^ (wholeLength - 1)
	for at := 0; at < whole; {
		at = whole - r.stridedKernel(c.from(at), whole-at)
		if at < whole { // blocks that are not for the kernel
			next := min(at+wholeLength, whole)
			r.plainColumns(c, at, next)
			at = next
		}
	}
	if whole < lanes {
		r.lastColumns(c.from(whole), memory)
	}
}

// lastColumns rounds fewer blocks than a vector has lanes, in a copy.
func (r *tilesRun[O]) lastColumns(c columns[O], memory *stridedScratch) {
	lanes := len(c.exponents)
	copied := columns[O]{
		dst: unsafe.Slice((*O)(unsafe.Pointer(&memory.outputs)), len(memory.outputs)), src: memory.inputs[:],
		exponents: memory.exponents[:], bits: memory.drawn[:], rows: c.rows, pitch: wholeLength, bitsPitch: wholeLength,
	}
	for row := range c.rows {
		place := copied.src[row*wholeLength:][:wholeLength]
		clear(place[copy(place, c.src[row*c.pitch:][:lanes]):])
		if c.bits != nil {
			copy(copied.bits[row*wholeLength:], c.bits[row*c.bitsPitch:][:lanes])
		}
	}
	done := min(wholeLength-r.stridedKernel(copied, wholeLength), lanes)
	for row := range c.rows {
		copy(c.dst[row*c.pitch:][:done], copied.dst[row*wholeLength:])
	}
	copy(c.exponents[:done], copied.exponents)
	r.plainColumns(c, done, lanes)
}

// plainColumns rounds the blocks from one to before another without kernels.
func (r *tilesRun[O]) plainColumns(c columns[O], from, to int) {
	var (
		inputs  [tilesLength]float32
		outputs [tilesLength]O
		bits    [tilesLength]uint16
	)
	for lane := from; lane < to; lane++ {
		for row := range c.rows {
			inputs[row] = c.src[row*c.pitch+lane]
			if c.bits != nil {
				bits[row] = c.bits[row*c.bitsPitch+lane]
			}
		}
		c.exponents[lane] = roundBlock(&r.tiles, outputs[:c.rows], inputs[:c.rows], r.rounding, r.used, bits[:], &r.counts)
		for row := range c.rows {
			c.dst[row*c.pitch+lane] = outputs[row]
		}
	}
}

// stridedKernel runs the kernel on some columns, and returns how many are left.
func (r *tilesRun[O]) stridedKernel(c columns[O], lanes int) int {
	e := &r.args.element
	e.dst, e.src, e.n = unsafe.Pointer(&c.dst[0]), unsafe.Pointer(&c.src[0]), lanes
	e.random = unsafe.Pointer(unsafe.SliceData(c.bits))
	r.args.exponents = unsafe.Pointer(&c.exponents[0])
	r.args.rows = c.rows
	r.args.srcPitch, r.args.dstPitch, r.args.bitsPitch = c.pitch*4, c.pitch*r.kind.size, c.bitsPitch*2
	stridedKernel(&r.args, r.kind)
	return e.n
}
