package number

import "github.com/halftone-go/halftone/internal/kernel/philox"

// windowLength is the number of random bits drawn at a time. It is a multiple of chunkLength, and of the 128 elements
// that share blocks of random bits.
const windowLength = 8 * chunkLength

// window draws the random bits of the elements of a tensor, a piece at a time.
type window struct {
	draw   philox.Draw
	order  philox.Order
	offset int // of the tensor in the order
	length int // of the tensor

	random     []uint16
	start, end int // of what is drawn
}

// begin turns to a tensor.
func (w *window) begin(draw philox.Draw, order philox.Order, offset, length int) {
	w.draw, w.order, w.offset, w.length, w.start, w.end = draw, order, offset, length, 0, 0
}

// bits returns the random bits of the elements lo to hi, which do not cross a multiple of windowLength. It is meant for
// ascending elements.
func (w *window) bits(lo, hi int) []uint16 {
	if lo < w.start || hi > w.end {
		w.start, w.end = lo, min(lo/windowLength*windowLength+windowLength, w.length)
		w.random = resize(w.random, windowLength)
		philox.Bits(w.random[:w.end-w.start], w.draw, w.order, w.offset+w.start)
	}
	return w.random[lo-w.start : hi-w.start]
}
