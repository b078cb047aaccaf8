package arrayfile

import (
	"math"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// The arrays of an archive with packed storage.
const (
	packedData   = "data"   // the bytes
	packedFormat = "format" // the format string, as bytes
	packedShape  = "shape"  // of the array
	packedAxis   = "axis"   // of the channels or of the sum, where blocks depend on it
)

// unpackBytes is what an element takes while it is unpacked: a code, and a value of either type.
const unpackBytes = 4 + 4 + 8

// Unpack returns the values in an archive with packed storage: float32, or float64 for formats with values that float32
// does not have. It is an error if they need more than so many bytes of memory.
func Unpack(archive []byte, memory int64) (*npy.Array, error) {
	arrays, err := npy.ParseArchive(archive)
	if err != nil {
		return nil, err
	}
	data, err := part[uint8](arrays, packedData)
	if err != nil {
		return nil, err
	}
	text, err := part[uint8](arrays, packedFormat)
	if err != nil {
		return nil, err
	}
	f, err := number.Parse(string(text))
	if err != nil {
		return nil, errors.Wrap(err, "the format of the archive")
	}
	shape, err := unpackShape(arrays)
	if err != nil {
		return nil, err
	}
	if elements, most := product(shape), memory/unpackBytes; elements > float64(most) {
		return nil, errors.Errorf("%.0f elements need %d bytes of memory each, and %s are allowed: raise --memory", elements, unpackBytes, byteText(memory))
	}
	axis := 0
	if _, ok := arrays[packedAxis]; ok {
		axes, err := part[int64](arrays, packedAxis)
		if err != nil {
			return nil, err
		}
		if len(axes) != 1 || axes[0] < 0 || axes[0] >= int64(max(len(shape), 1)) {
			return nil, errors.Errorf("the axis %v is none of the shape %v", axes, shape)
		}
		axis = int(axes[0])
	}
	codes, scales, err := number.Unpack(f, data, shape, axis)
	if err != nil {
		return nil, err
	}
	single := make([]float32, len(codes))
	if number.Decode(f, single, codes, shape, scales, axis) == nil {
		return &npy.Array{Shape: shape, Data: single}, nil
	}
	double := make([]float64, len(codes))
	err = number.Decode(f, double, codes, shape, scales, axis)
	return &npy.Array{Shape: shape, Data: double}, err
}

// product is the number of elements of a shape from outside, which may be more than an int holds.
func product(shape []int) float64 {
	n := 1.0
	for _, d := range shape {
		n *= float64(d)
	}
	return n
}

// part returns an array of the archive, in the given type.
func part[E npy.Element](arrays map[string]*npy.Array, name string) ([]E, error) {
	array, ok := arrays[name]
	if !ok {
		return nil, errors.Errorf("the archive has no array %q: it was not written by halftone quantize --packed", name)
	}
	data, err := npy.Elements[E](array)
	return data, errors.Wrapf(err, "array %q", name)
}

// unpackShape reads the shape.
func unpackShape(arrays map[string]*npy.Array) ([]int, error) {
	sizes, err := part[int64](arrays, packedShape)
	if err != nil {
		return nil, err
	}
	shape := make([]int, len(sizes))
	for i, n := range sizes {
		if n < 0 || n > math.MaxInt {
			return nil, errors.Errorf("the shape %v is none", sizes)
		}
		shape[i] = int(n)
	}
	return shape, nil
}
