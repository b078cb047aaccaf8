package kernel

import "unsafe"

// tilesLength is how many elements the kernels of tiles take at a time: one block of 32, or two of 16.
const tilesLength = 32

// tilesRun rounds the parts of a run.
type tilesRun[O output] struct {
	tiles    Tiles
	rounding Rounding
	used     int // random bits of an element
	args     tilesArgs
	kind     tilesKind
	fits     bool // the kernels take the tiles
	window   bitWindow
}

// tilesKind tells kernels apart.
type tilesKind struct {
	linear, random bool
	size           int // bytes of an output
}

func roundTiles[O output](dst []O, src []float32, t Tiles, exponents []int16, r Rounding, random Random) (counts Counts) {
	if !t.Fits() {
		panic(badTiles)
	}
	if len(dst) != len(src) || len(src)%t.RowLength != 0 || len(exponents) != t.Blocks(len(src)) {
		panic(badLength)
	}
	if t.RowLength%t.Length == 0 {
		t.RowLength = max(len(src), 1) // no block is short
	}
	run := tilesRun[O]{tiles: t, rounding: r, used: usedBits(r, random), window: bitWindow{random: random, end: len(src)}}
	var output O
	run.kind = tilesKind{linear: t.Linear, random: r != NearestEven, size: int(unsafe.Sizeof(output))}
	run.fits = active() != isaGo && run.args.set(&t, r, run.used, run.kind)
	for at := 0; at < len(src); {
		rest := t.RowLength - at%t.RowLength
		n := min(rest, t.Length)
		if rest >= tilesLength {
			n = rest &^ (tilesLength - 1)
			if r != NearestEven {
				n = min(n, randomWindow)
			}
		}
		blocks := (n + t.Length - 1) / t.Length
		run.round(dst[at:at+n], src[at:at+n], exponents[:blocks], run.bits(at, n), &counts)
		exponents = exponents[blocks:]
		at += n
	}
	counts.Clipped += run.args.element.clipped
	counts.Underflowed += run.args.element.underflowed
	return counts
}

// bitWindow holds the random bits of the next elements of a run.
type bitWindow struct {
	random   Random
	from, to int // the elements whose bits it holds
	end      int // of the run
	bits     [randomWindow]uint16
}

// of returns the bits of n elements, at most randomWindow, of which those before will not be asked for again.
func (w *bitWindow) of(at, n int) []uint16 {
	if at+n > w.to {
		w.from, w.to = at, min(at+randomWindow, w.end)
		RandomBits(w.bits[:w.to-w.from], w.random.Draw, w.random.Order, w.random.Start+at)
	}
	return w.bits[at-w.from : at-w.from+n]
}

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

// round rounds a short block, or whole blocks of multiples of tilesLength.
func (r *tilesRun[O]) round(dst []O, src []float32, exponents []int16, random []uint16, counts *Counts) {
	if !r.fits {
		r.plain(dst, src, exponents, random, counts)
		return
	}
	if n := len(src); n < tilesLength {
		var (
			outputs [tilesLength]O
			inputs  [tilesLength]float32 // zeros count for nothing
			drawn   [tilesLength]uint16
			k       [2]int16
		)
		copy(inputs[:], src)
		copy(drawn[:], random)
		if r.kernel(outputs[:], inputs[:], k[:], drawn[:]) > 0 {
			r.plain(dst, src, exponents, random, counts)
			return
		}
		copy(dst, outputs[:n])
		exponents[0] = k[0]
		return
	}
	for at := 0; at < len(src); {
		at = len(src) - r.kernel(dst[at:], src[at:], exponents[at/r.tiles.Length:], tail(random, at))
		if at < len(src) { // a block that is not for the kernel
			next := at + tilesLength
			r.plain(dst[at:next], src[at:next], exponents[at/r.tiles.Length:], tail(random, at), counts)
			at = next
		}
	}
}

// plain rounds blocks without kernels.
func (r *tilesRun[O]) plain(dst []O, src []float32, exponents []int16, random []uint16, counts *Counts) {
	for at, i := 0, 0; at < len(src); at, i = at+r.tiles.Length, i+1 {
		next := min(at+r.tiles.Length, len(src))
		exponents[i] = roundBlock(&r.tiles, dst[at:next], src[at:next], r.rounding, r.used, tail(random, at), counts)
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
