package number

import "github.com/halftone-go/halftone/internal/kernel"

// windowLength is the number of random bits drawn at a time. It is a multiple of chunkLength, and of the 128 elements
// that share blocks of random bits.
const windowLength = 8 * chunkLength

// window draws the random bits of a range of elements, a piece at a time.
type window struct {
	draw   kernel.Draw
	order  kernel.Order
	offset int // of the tensor in the order
	lo, hi int // the range

	random     []uint16
	start, end int // of what is drawn
}

// bits returns the random bits of the elements lo to hi, which do not cross a multiple of windowLength.
func (w *window) bits(lo, hi int) []uint16 {
	if lo < w.start || hi > w.end {
		piece := lo / windowLength * windowLength
		w.start, w.end = max(piece, w.lo), min(piece+windowLength, w.hi)
		if w.random == nil {
			w.random = make([]uint16, min(windowLength, w.hi-w.lo))
		}
		kernel.RandomBits(w.random[:w.end-w.start], w.draw, w.order, w.offset+w.start)
	}
	return w.random[lo-w.start : hi-w.start]
}
