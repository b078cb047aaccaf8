package round

import (
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// tilesLength is how many elements the kernels of tiles take at a time: one block of 32, or two of 16.
const tilesLength = 32

// tilesRun rounds the parts of a run.
type tilesRun[O output] struct {
	tiles    Tiles
	rounding Mode
	used     int // random bits of an element
	args     tilesArgs
	kind     tilesKind
	fits     bool // the kernels take the tiles
	scratch  *scratch
	window   bitWindow
	counts   Counts
}

// tilesKind tells kernels apart.
type tilesKind struct {
	linear, random bool
	size           int // bytes of an output
}

func roundTiles[O output](dst []O, src []float32, t Tiles, exponents []int16, r Mode, random Random) Counts {
	if !t.Fits() {
		panic(badTiles)
	}
	if len(dst) != len(src) || len(src)%t.rowsLength() != 0 || len(exponents) != t.Blocks(len(src)) {
		panic(badLength)
	}
	if len(src) == 0 {
		return Counts{}
	}
	if t.Inner <= 1 && t.RowLength%t.Length == 0 {
		t.RowLength = len(src) // no block is short
	}
	var output O
	memory := scratchPool.Get().(*scratch)
	defer scratchPool.Put(memory)
	run := tilesRun[O]{
		tiles: t, rounding: r, used: usedBits(r, random), scratch: memory,
		window: bitWindow{random: random, end: len(src), bits: &memory.window},
	}
	run.kind = tilesKind{linear: t.Linear, random: r != NearestEven, size: int(unsafe.Sizeof(output))}
	run.fits = isa.Active() != isa.Go && run.args.set(&t, r, run.used, run.kind)
	if t.Inner > 1 {
		run.strided(dst, src, exponents, random)
	} else {
		run.rows(dst, src, exponents)
	}
	run.counts.Clipped += run.args.element.clipped
	run.counts.Underflowed += run.args.element.underflowed
	return run.counts
}

// rows rounds rows of neighbours.
func (r *tilesRun[O]) rows(dst []O, src []float32, exponents []int16) {
	t := &r.tiles
	for at := 0; at < len(src); {
		rest := t.RowLength - at%t.RowLength
		if rest < packLength && r.fits {
			n, blocks := r.pack(dst, src, exponents, at)
			exponents = exponents[blocks:]
			at += n
			continue
		}
		n := rest
		if r.fits {
			n = rest &^ (tilesLength - 1)
		}
		if r.kind.random {
			n = min(n, randomWindow)
		}
		r.round(dst[at:at+n], src[at:at+n], exponents, r.bits(at, n))
		exponents = exponents[(n+t.Length-1)/t.Length:]
		at += n
	}
}

// bitWindow holds the random bits of the next elements of a run.
type bitWindow struct {
	random   Random
	from, to int // the elements whose bits it holds
	end      int // of the run
	bits     *[randomWindow]uint16
}

// of returns the bits of n elements, at most randomWindow. Those before will not be asked for again.
func (w *bitWindow) of(at, n int) []uint16 {
	if at+n > w.to {
		w.from, w.to = at, min(at+randomWindow, w.end)
		philox.Bits(w.bits[:w.to-w.from], w.random.Draw, w.random.Order, w.random.Start+at)
	}
	return w.bits[at-w.from : at-w.from+n]
}

// bits returns what is added to elements, at most randomWindow if any is.
func (r *tilesRun[O]) bits(at, n int) []uint16 {
	switch r.rounding {
	case Stochastic:
		return r.window.of(at, n)
	case Floor:
		return noRandomBits[:n]
	default:
		return nil
	}
}

// pack rounds elements from a position on in a copy in which zeros, which count for nothing, fill up short blocks. It
// returns the number of the elements and of their blocks.
func (r *tilesRun[O]) pack(dst []O, src []float32, exponents []int16, start int) (n, blocks int) {
	inputs, drawn, k := &r.scratch.inputs, &r.scratch.bits, &r.scratch.exponents
	outputs := outputsOf[O](r.scratch)
	length, row := r.tiles.Length, r.tiles.RowLength
	// piece returns how many elements from a position on come to a place, and how much room they take.
	piece := func(at, place int) (n, room int) {
		n = min(row-at%row, packLength-place)
		return n, (n + length - 1) / length * length
	}
	at, place := start, 0
	for at < len(src) && place < packLength {
		n, room := piece(at, place)
		copy(inputs[place:], src[at:at+n])
		clear(inputs[place+n : place+room])
		copy(drawn[place:], r.bits(at, n))
		at, place = at+n, place+room
	}
	whole := (place + tilesLength - 1) &^ (tilesLength - 1)
	clear(inputs[place:whole])
	r.round(outputs[:whole], inputs[:whole], k[:], drawn[:whole])
	end := at
	for at, place = start, 0; at < end; {
		n, room := piece(at, place)
		copy(dst[at:at+n], outputs[place:])
		at, place = at+n, place+room
	}
	blocks = place / length
	copy(exponents, k[:blocks])
	return end - start, blocks
}

// round rounds whole blocks of multiples of tilesLength, or, if kernels do not take the tiles, also a short one.
func (r *tilesRun[O]) round(dst []O, src []float32, exponents []int16, random []uint16) {
	for at := 0; at < len(src); {
		next := len(src)
		if r.fits {
			at = len(src) - r.kernel(dst[at:], src[at:], exponents[at/r.tiles.Length:], tail(random, at))
			next = min(at+tilesLength, len(src)) // a block that is not for the kernel, if any
		}
		for ; at < next; at += r.tiles.Length {
			end := min(at+r.tiles.Length, next)
			exponents[at/r.tiles.Length] = roundBlock(&r.tiles, dst[at:end], src[at:end], r.rounding, r.used, tail(random, at), &r.counts)
		}
	}
}

// kernel runs the kernel, and returns how many elements are left.
func (r *tilesRun[O]) kernel(dst []O, src []float32, exponents []int16, random []uint16) int {
	e := &r.args.element
	e.dst, e.src, e.n = unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), len(src)
	e.random = unsafe.Pointer(unsafe.SliceData(random))
	r.args.exponents = unsafe.Pointer(&exponents[0])
	tilesKernel(&r.args, r.kind)
	return e.n
}
