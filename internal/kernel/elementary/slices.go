// Package elementary holds exp, log, tanh and the logistic function with the same bits on every processor, one by one in
// float64 and over slices. The project's own activations and losses use them, and whatever else has to be reproducible.
package elementary

import "unsafe"

// Float is an element type of a tensor.
type Float interface{ float32 | float64 }

// ExpSlice sets dst[i] to Exp(src[i]) rounded to the element type. dst may be src.
func ExpSlice[T Float](dst, src []T) { apply(dst, src, exponential, Exp) }

// LogSlice sets dst[i] to Log(src[i]) rounded to the element type. dst may be src.
func LogSlice[T Float](dst, src []T) { apply(dst, src, logarithm, Log) }

// TanhSlice sets dst[i] to Tanh(src[i]) rounded to the element type. dst may be src.
func TanhSlice[T Float](dst, src []T) { apply(dst, src, hyperbolicTangent, Tanh) }

// SigmoidSlice sets dst[i] to Sigmoid(src[i]) rounded to the element type. dst may be src.
func SigmoidSlice[T Float](dst, src []T) { apply(dst, src, logistic, Sigmoid) }

// function names an elementary function.
type function int

const (
	exponential function = iota
	logarithm
	hyperbolicTangent
	logistic
)

func apply[T Float](dst, src []T, name function, f func(float64) float64) {
	if len(dst) != len(src) {
		panic("elementary: slices have different lengths")
	}
	args := sliceArgs{dst: unsafe.Pointer(unsafe.SliceData(dst)), x: unsafe.Pointer(unsafe.SliceData(src)), n: len(src)}
	if kernel(name, unsafe.Sizeof(T(0)) == 4, &args) {
		return
	}
	for i, x := range src {
		dst[i] = T(f(float64(x)))
	}
}

// sliceArgs are the arguments of the kernels.
type sliceArgs struct {
	dst, x unsafe.Pointer
	n      int
}
