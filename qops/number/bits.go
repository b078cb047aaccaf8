package number

import (
	"io"

	"github.com/pkg/errors"
)

// bitBuffer is the number of bytes that a bitWriter collects.
const bitBuffer = 1 << 13

// bitWriter writes numbers of any width, lowest bit first.
type bitWriter struct {
	writer  io.Writer
	buffer  []byte
	waiting uint64 // bits that do not fill a byte yet
	count   uint   // of them
}

// put writes the low bits of a number, at most 32, that has no others.
func (w *bitWriter) put(number uint32, width uint) error {
	w.waiting |= uint64(number) << w.count
	w.count += width
	for w.count >= 8 {
		w.buffer = append(w.buffer, byte(w.waiting))
		w.waiting >>= 8
		w.count -= 8
	}
	if len(w.buffer) < bitBuffer {
		return nil
	}
	return w.drain()
}

func (w *bitWriter) drain() error {
	_, err := w.writer.Write(w.buffer)
	w.buffer = w.buffer[:0]
	return errors.WithStack(err)
}

// flush writes what is left, the last byte filled with zeros.
func (w *bitWriter) flush() error {
	if w.count > 0 {
		w.buffer = append(w.buffer, byte(w.waiting))
		w.waiting, w.count = 0, 0
	}
	return w.drain()
}

// bitReader reads numbers of any width, lowest bit first. Behind the end there are zeros.
type bitReader struct {
	data    []byte
	waiting uint64
	count   uint
}

// get reads a number of at most 32 bits.
func (r *bitReader) get(width uint) uint32 {
	for r.count < width {
		if len(r.data) > 0 {
			r.waiting |= uint64(r.data[0]) << r.count
			r.data = r.data[1:]
		}
		r.count += 8
	}
	number := uint32(r.waiting & (1<<width - 1))
	r.waiting >>= width
	r.count -= width
	return number
}

// rest returns the bits that are left of the last byte that was read.
func (r *bitReader) rest() uint64 { return r.waiting }
