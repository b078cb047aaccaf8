package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// bufferBytes is what a Reader or Writer holds of a file at a time.
const bufferBytes = 1 << 16

// maxStreamed bounds the bytes of an array that is read in pieces, so that sizes and positions do not overflow.
const maxStreamed = math.MaxInt / 16

// Reader reads an array of any size in pieces, in constant memory. ReadElements takes the pieces.
type Reader struct {
	reader io.Reader
	shape  []int
	kind   kind
	order  binary.ByteOrder
	size   int  // elements of the array
	left   int  // elements not read yet
	ended  bool // nothing follows the last element
	buffer []byte
}

// NewReader reads the header of a .npy file. What follows is read as it is asked for, so that a file that is cut short
// shows only there, or in CheckSize.
func NewReader(r io.Reader) (*Reader, error) {
	start, err := readStart(r)
	if err != nil {
		return nil, err
	}
	header, _, err := parseHeader(start)
	if err != nil {
		return nil, err
	}
	order, k, err := layout(header)
	if err != nil {
		return nil, err
	}
	return newReader(r, k, order, header.Descr.Shape)
}

// NewRawReader reads elements without a header: row-major, little-endian, of a type by its name in Go (float32).
func NewRawReader(r io.Reader, element string, shape []int) (*Reader, error) {
	k, err := kindNamed(element)
	if err != nil {
		return nil, err
	}
	return newReader(r, k, binary.LittleEndian, shape)
}

func newReader(r io.Reader, k kind, order binary.ByteOrder, shape []int) (*Reader, error) {
	n, err := elements(shape, maxStreamed/k.bytes)
	if err != nil {
		return nil, err
	}
	return &Reader{reader: r, shape: shape, kind: k, order: order, size: n, left: n}, nil
}

// readStart reads the part of a .npy file before the elements: magic string, version, length of the header, header.
func readStart(r io.Reader) ([]byte, error) {
	var start [12]byte // magic string, version, length: 2 bytes, or 4 from version 2 on
	head := start[:10]
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, endOr(err, "no NumPy file: it is shorter than a header")
	}
	if !bytes.HasPrefix(head, []byte(magic)) {
		return nil, errors.New("no NumPy file: it does not start with \\x93NUMPY")
	}
	length := int64(binary.LittleEndian.Uint16(start[8:]))
	if start[6] >= 2 {
		head = start[:]
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return nil, endOr(err, "the header is cut short")
		}
		length = int64(binary.LittleEndian.Uint32(start[8:]))
	}
	if length > maxHeader {
		return nil, errors.New("the header is too long")
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, endOr(err, "the header is cut short")
	}
	return slices.Concat(head, text), nil
}

// endOr explains an error of reading if it is the end of the file.
func endOr(err error, explanation string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(explanation)
	}
	return errors.WithStack(err)
}

// Shape is the shape of the array.
func (r *Reader) Shape() []int { return r.shape }

// Size is the number of elements of the array.
func (r *Reader) Size() int { return r.size }

// ElementType is the type of the elements by its name in Go: float32.
func (r *Reader) ElementType() string { return r.kind.goName() }

// CheckSize compares the bytes that follow the header, where they are known, with the shape.
func (r *Reader) CheckSize(bytes int64) error {
	if want := int64(r.size) * int64(r.kind.bytes); bytes != want {
		return errors.Errorf("%d bytes of data where the shape %v of %s needs %d", bytes, r.shape, r.ElementType(), want)
	}
	return nil
}

// ReadElements fills dst with the next elements of the array, which must have its type, and returns how many there
// were: fewer than there is room for only at the end. With the last element it checks that nothing follows.
func ReadElements[T Element](r *Reader, dst []T) (int, error) {
	if name := typeName[T](); name != r.ElementType() {
		return 0, errors.Errorf("the elements are %s, not %s", r.ElementType(), name)
	}
	n := min(len(dst), r.left)
	if r.buffer == nil {
		r.buffer = make([]byte, bufferBytes)
	}
	for at := 0; at < n; {
		piece := dst[at:min(at+bufferBytes/r.kind.bytes, n)]
		data := r.buffer[:len(piece)*r.kind.bytes]
		if got, err := io.ReadFull(r.reader, data); err != nil {
			return at, r.short(err, at+got/r.kind.bytes)
		}
		if _, err := binary.Decode(data, r.order, piece); err != nil {
			return at, err
		}
		at += len(piece)
	}
	r.left -= n
	if r.left == 0 && !r.ended {
		r.ended = true
		return n, r.checkEnd()
	}
	return n, nil
}

// Restart makes the first element the next one again, after what the Reader reads from was set back to it.
func (r *Reader) Restart() { r.left, r.ended = r.size, false }

// short explains an error of reading when n more elements came than were read before.
func (r *Reader) short(err error, n int) error {
	return endOr(err, fmt.Sprintf("the file is truncated: %d whole elements where the shape %v of %s needs %d",
		r.size-r.left+n, r.shape, r.ElementType(), r.size))
}

// checkEnd makes sure that nothing follows the last element.
func (r *Reader) checkEnd() error {
	var next [1]byte
	switch _, err := io.ReadFull(r.reader, next[:]); {
	case err == nil:
		return errors.Errorf("data follow the %d elements that the shape %v of %s needs", r.size, r.shape, r.ElementType())
	case errors.Is(err, io.EOF):
		return nil
	default:
		return errors.WithStack(err)
	}
}

// kindNamed returns the element type with the name in Go.
func kindNamed(name string) (kind, error) {
	var known []string
	for _, k := range kinds {
		if k.goName() == name {
			return k, nil
		}
		known = append(known, k.goName())
	}
	return kind{}, errors.Errorf("unknown element type %q; known are %s", name, strings.Join(known, " "))
}
