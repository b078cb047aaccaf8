package qops

import (
	"slices"
	"sync/atomic"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops/number"
)

// Float is an element type of Halftone's tensors.
type Float interface{ float32 | float64 }

// Array is a tensor as the machine's kernels see it, in plain row-major layout or in blocks. Exactly one of F32 and F64 is
// set.
type Array struct {
	Shape []int
	F32   []float32
	F64   []float64

	// Blocked is set where a float32 tensor (N,C,H,W) lies in blocks of 16 channels: element (n,c,h,w) at
	// ((n*C/16 + c/16)*H*W + h*W + w)*16 + c%16. Only TakesBlocks says which ops may be given such tensors.
	Blocked bool
	// Coded asks a quantize node for the codes as well, of a tensor in blocks; see TakesCodes. Bytes are these codes, in the
	// place of their values: value = code * 2^e with the exponent e of its block's unit.
	Coded bool
	Bytes []int8
	// Fleeting is set where the values are there only until their quantize node has made the codes of them: their memory
	// serves other tensors then, and convolutions read the codes.
	Fleeting bool

	// Grid is the grid that the values lie on, nil when they are not quantized.
	Grid *Grid
}

// Grid is what a quantize node knows of the values that it made.
type Grid struct {
	Format number.Format
	Scales number.Scales
	// Codes are the integers of an `int` format, as elements of the tensor's type; nil for formats whose values are
	// exact multiples of a power of two.
	Codes *Array
	// Clipped marks the values on which overflow acted; nil unless a policy asks for it.
	Clipped []bool

	uncoded atomic.Bool // a value has no code in Array.Bytes
}

// Size is the number of elements.
func (a *Array) Size() int { return len(a.F32) + len(a.F64) }

// NewArray returns a zero array of the shape and type.
func NewArray(dtype tensor.Dtype, shape []int) *Array {
	a := &Array{Shape: append([]int(nil), shape...)}
	n := size(shape)
	if dtype == tensor.Float64 {
		a.F64 = make([]float64, n)
	} else {
		a.F32 = make([]float32, n)
	}
	return a
}

// Data returns the elements of a as []T; T must be the element type of a.
func Data[T Float](a *Array) []T {
	var zero T
	switch any(zero).(type) {
	case float32:
		return any(a.F32).([]T)
	default:
		return any(a.F64).([]T)
	}
}

// FromValue wraps a Gorgonia value without copying; the value must be a dense, contiguous tensor or a scalar.
func FromValue(v gorgonia.Value) (*Array, error) {
	shape := []int(v.Shape())
	switch x := v.Data().(type) {
	case []float32:
		return &Array{Shape: shape, F32: x}, nil
	case []float64:
		return &Array{Shape: shape, F64: x}, nil
	case float32:
		return &Array{Shape: shape, F32: []float32{x}}, nil
	case float64:
		return &Array{Shape: shape, F64: []float64{x}}, nil
	}
	return nil, errors.Errorf("qops: a value of type %T with elements %T is not a float tensor", v, v.Data())
}

// Bind lets the array have the memory of a value with elements of the same type; FromValue says which ones.
func (a *Array) Bind(v gorgonia.Value) error {
	if d, ok := v.(*tensor.Dense); ok && !d.IsScalar() { // allocates nothing
		switch d.Dtype() {
		case tensor.Float32:
			a.F32, a.F64 = d.Float32s(), nil
			return nil
		case tensor.Float64:
			a.F32, a.F64 = nil, d.Float64s()
			return nil
		}
	}
	b, err := FromValue(v)
	if err != nil {
		return err
	}
	a.F32, a.F64 = b.F32, b.F64
	return nil
}

// IsBoundTo reports whether a value is a tensor with the array's memory and shape.
func (a *Array) IsBoundTo(v gorgonia.Value) bool {
	d, ok := v.(*tensor.Dense)
	if !ok || d.IsScalar() || !slices.Equal(d.Shape(), a.Shape) {
		return false
	}
	return d.Dtype() == tensor.Float32 && sameMemory(d.Float32s(), a.F32) || d.Dtype() == tensor.Float64 && sameMemory(d.Float64s(), a.F64)
}

// Value returns the array as a Gorgonia value that shares its memory (scalars are copied).
func (a *Array) Value() gorgonia.Value {
	if len(a.Shape) == 0 {
		if a.F64 != nil {
			return gorgonia.NewF64(a.F64[0])
		}
		return gorgonia.NewF32(a.F32[0])
	}
	if a.F64 != nil {
		return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(a.F64))
	}
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(a.F32))
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}
