// Package npy reads and writes arrays of any rank in NumPy's file formats, .npy and .npz.
//
// Files come from outside: whatever they hold, reading them ends in an array or an error that says what is wrong, and
// takes no more memory than their size warrants. Files that are written depend only on the arrays: they carry no time.
package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/sbinet/npyio"
)

// maxHeader bounds the text that describes an array; NumPy itself needs about 128 bytes.
const maxHeader = 1 << 16

// magic is what every .npy file begins with.
const magic = "\x93NUMPY"

// Element is a type of the elements of an array.
type Element interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Array is an array in row-major order. Data is a slice of one of the types of Element.
type Array struct {
	Shape []int
	Data  any
}

// Size is the number of elements of a shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// kind is an element type that is read and written.
type kind struct {
	descr string // of NumPy, without the byte order
	bytes int
	make  func(n int) any
}

// goName is the name of the type in Go.
func (k kind) goName() string { return strings.TrimPrefix(fmt.Sprintf("%T", k.make(0)), "[]") }

// typeName is the name of T in Go.
func typeName[T Element]() string { return fmt.Sprintf("%T", *new(T)) }

// kinds are the element types, by NumPy's names.
var kinds = []kind{
	{"i1", 1, func(n int) any { return make([]int8, n) }},
	{"i2", 2, func(n int) any { return make([]int16, n) }},
	{"i4", 4, func(n int) any { return make([]int32, n) }},
	{"i8", 8, func(n int) any { return make([]int64, n) }},
	{"u1", 1, func(n int) any { return make([]uint8, n) }},
	{"u2", 2, func(n int) any { return make([]uint16, n) }},
	{"u4", 4, func(n int) any { return make([]uint32, n) }},
	{"u8", 8, func(n int) any { return make([]uint64, n) }},
	{"f4", 4, func(n int) any { return make([]float32, n) }},
	{"f8", 8, func(n int) any { return make([]float64, n) }},
}

// Elements returns the data of the array if they have the type.
func Elements[T Element](a *Array) ([]T, error) {
	data, ok := a.Data.([]T)
	if !ok {
		return nil, errors.Errorf("the elements are %s, not %s", strings.TrimPrefix(fmt.Sprintf("%T", a.Data), "[]"), typeName[T]())
	}
	return data, nil
}

// Parse reads the content of a .npy file.
func Parse(data []byte) (*Array, error) {
	header, body, err := parseHeader(data)
	if err != nil {
		return nil, err
	}
	order, k, err := layout(header)
	if err != nil {
		return nil, err
	}
	n, err := elements(header.Descr.Shape, len(body))
	if err != nil {
		return nil, errors.Wrapf(err, "the file is truncated: %d bytes of data", len(body))
	}
	if len(body) != n*k.bytes {
		return nil, errors.Errorf("%d bytes of data where the shape %v of %s needs %d", len(body), header.Descr.Shape, header.Descr.Type, n*k.bytes)
	}
	a := &Array{Shape: header.Descr.Shape, Data: k.make(n)}
	if _, err := binary.Decode(body, order, a.Data); err != nil {
		return nil, err
	}
	return a, nil
}

// parseHeader splits a file into its header and its data.
func parseHeader(data []byte) (header npyio.Header, body []byte, err error) {
	// The library slices the header's text without looking; what it trips over is a malformed file.
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the header is malformed")
		}
	}()
	// A header's length is 2 bytes behind the magic string and the version, or 4 from version 2 on.
	if len(data) >= 12 && data[6] >= 2 && binary.LittleEndian.Uint32(data[8:]) > maxHeader {
		return header, nil, errors.New("the header is too long")
	}
	reader := bytes.NewReader(data)
	r, err := npyio.NewReader(reader)
	if err != nil {
		return header, nil, errors.Wrap(err, "no NumPy file")
	}
	return r.Header, data[len(data)-reader.Len():], nil
}

// layout returns the byte order and the type of the elements, which have to be in row-major order.
func layout(header npyio.Header) (binary.ByteOrder, kind, error) {
	if header.Descr.Fortran && len(header.Descr.Shape) > 1 {
		return nil, kind{}, errors.New("the array is in Fortran order; save numpy.ascontiguousarray of it")
	}
	return elementType(header.Descr.Type)
}

// elements is the number of elements of a shape from outside, of which there are at most limit.
func elements(shape []int, limit int) (int, error) {
	for _, d := range shape {
		if d < 0 {
			return 0, errors.Errorf("the shape %v has a negative length", shape)
		}
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	n := 1
	for _, d := range shape {
		if n > limit/d { // also keeps n from overflowing
			return 0, errors.Errorf("the shape %v has more than %d elements", shape, limit)
		}
		n *= d
	}
	return n, nil
}

func elementType(descr string) (binary.ByteOrder, kind, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(descr, ">") {
		order = binary.BigEndian
	}
	for _, k := range kinds {
		if strings.TrimLeft(descr, "<>|=") == k.descr {
			return order, k, nil
		}
	}
	return nil, kind{}, errors.Errorf("elements of type %q are not supported; use float32, float64 or an integer type", descr)
}

// Write writes the content of a .npy file.
func Write(w io.Writer, a *Array) error {
	k, err := kindOf(a.Data)
	if err != nil {
		return err
	}
	if n := binary.Size(a.Data) / k.bytes; n != Size(a.Shape) {
		return errors.Errorf("%d elements do not have the shape %v", n, a.Shape)
	}
	head, err := preamble(k, a.Shape)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.Data)
}

func kindOf(data any) (kind, error) {
	for _, k := range kinds {
		if "[]"+k.goName() == fmt.Sprintf("%T", data) {
			return k, nil
		}
	}
	return kind{}, errors.Errorf("an array of %T cannot be written", data)
}

// ReadFile reads a .npy file. Errors name the file.
func ReadFile(name string) (*Array, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	a, err := Parse(data)
	return a, errors.Wrap(err, name)
}
