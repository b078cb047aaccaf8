package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"
)

// Writer writes an array of any size in pieces, in constant memory. WriteElements takes the pieces, Close ends it.
type Writer struct {
	writer io.Writer
	shape  []int
	kind   kind
	left   int // elements not written yet
	buffer []byte
}

// NewWriter writes the header of a .npy file for elements of the type with the name in Go (float32).
func NewWriter(w io.Writer, element string, shape []int) (*Writer, error) {
	out, err := NewRawWriter(w, element, shape)
	if err != nil {
		return nil, err
	}
	head, err := preamble(out.kind, shape)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(head)
	return out, err
}

// NewRawWriter writes elements without a header: row-major, little-endian.
func NewRawWriter(w io.Writer, element string, shape []int) (*Writer, error) {
	k, err := kindNamed(element)
	if err != nil {
		return nil, err
	}
	n, err := elements(shape, maxStreamed/k.bytes)
	return &Writer{writer: w, shape: shape, kind: k, left: n}, err
}

// WriteElements writes the next elements of the array, which must have its type.
func WriteElements[T Element](w *Writer, src []T) error {
	if name := typeName[T](); name != w.kind.goName() {
		return errors.Errorf("an array of %s is written, not of %s", w.kind.goName(), name)
	}
	if len(src) > w.left {
		return errors.Errorf("more elements than the shape %v has", w.shape)
	}
	w.left -= len(src)
	if w.buffer == nil {
		w.buffer = make([]byte, bufferBytes)
	}
	for len(src) > 0 {
		n := min(len(src), bufferBytes/w.kind.bytes)
		size, err := binary.Encode(w.buffer, binary.LittleEndian, src[:n])
		if err != nil {
			return err
		}
		if _, err := w.writer.Write(w.buffer[:size]); err != nil {
			return err
		}
		src = src[n:]
	}
	return nil
}

// Close makes sure that the array is complete. It does not close what is written to.
func (w *Writer) Close() error {
	if w.left > 0 {
		return errors.Errorf("%d elements of the shape %v are missing", w.left, w.shape)
	}
	return nil
}

// preamble is the part of a .npy file before the elements.
func preamble(k kind, shape []int) ([]byte, error) {
	mark := "<"
	if k.bytes == 1 {
		mark = "|"
	}
	axes := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		axes += ","
	}
	header := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", mark, k.descr, axes)
	// The data start at a multiple of 64 bytes: 10 bytes of magic string, version and length, the header, a newline.
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	if len(header) >= maxHeader {
		return nil, errors.Errorf("the shape %v is too long", shape)
	}
	head := append([]byte(magic), 1, 0, byte(len(header)), byte(len(header)>>8))
	return append(head, header...), nil
}
