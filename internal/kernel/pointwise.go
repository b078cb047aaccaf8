package kernel

import "unsafe"

// Elementwise functions, each operation rounded to the element type. All slices have one length; dst may be an operand.

// Add sets dst[i] = x[i] + y[i].
func Add[T Float](dst, x, y []T) {
	if pointwise(opAdd, dst, x, y, 0, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = v + y[i]
	}
}

// Subtract sets dst[i] = x[i] - y[i].
func Subtract[T Float](dst, x, y []T) {
	if pointwise(opSubtract, dst, x, y, 0, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = v - y[i]
	}
}

// Multiply sets dst[i] = x[i]·y[i].
func Multiply[T Float](dst, x, y []T) {
	if pointwise(opMultiply, dst, x, y, 0, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

// ReLU sets dst[i] to the greater of x[i] and +0; NaN stays NaN.
func ReLU[T Float](dst, x []T) {
	if pointwise(opRelu, dst, x, x, 0, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

// ReLUGradient sets dst[i] to d[i] where x[i] >= 0 and to +0 elsewhere.
func ReLUGradient[T Float](dst, d, x []T) {
	if pointwise(opReluGradient, dst, d, x, 0, 0, 0) {
		return
	}
	for i, v := range d {
		if x[i] >= 0 {
			dst[i] = v
		} else {
			dst[i] = 0
		}
	}
}

// AddScalar sets dst[i] = x[i] + p.
func AddScalar[T Float](dst, x []T, p T) {
	if pointwise(opAddScalar, dst, x, x, p, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = v + p
	}
}

// Scale sets dst[i] = p·x[i].
func Scale[T Float](dst, x []T, p T) {
	if pointwise(opScale, dst, x, x, p, 0, 0) {
		return
	}
	for i, v := range x {
		dst[i] = p * v
	}
}

// ScaleShift sets dst[i] = p·x[i] + q.
func ScaleShift[T Float](dst, x []T, p, q T) {
	if pointwise(opScaleShift, dst, x, x, p, q, 0) {
		return
	}
	for i, v := range x {
		dst[i] = T(p*v) + q
	}
}

// Normalise sets dst[i] = (x[i] - p)·q.
func Normalise[T Float](dst, x []T, p, q T) {
	if pointwise(opNormalise, dst, x, x, p, q, 0) {
		return
	}
	for i, v := range x {
		dst[i] = T(v-p) * q
	}
}

// NormaliseGradient sets dst[i] = ((x[i] - p) - y[i]·q)·r.
func NormaliseGradient[T Float](dst, x, y []T, p, q, r T) {
	if pointwise(opNormaliseGradient, dst, x, y, p, q, r) {
		return
	}
	for i, v := range x {
		dst[i] = T(T(v-p)-T(y[i]*q)) * r
	}
}

// SigmoidGradient sets dst[i] to d[i]·(y[i]·(1 - y[i])), in float64 and rounded once to the element type; y is the sigmoid.
func SigmoidGradient[T Float](dst, d, y []T) {
	if pointwise(opSigmoidGradient, dst, d, y, 0, 0, 0) {
		return
	}
	for i, v := range y {
		dst[i] = T(float64(d[i]) * float64(float64(v)*(1-float64(v))))
	}
}

// TanhGradient sets dst[i] to d[i]·(1 - y[i]²), in float64 and rounded once to the element type; y is the tangent.
func TanhGradient[T Float](dst, d, y []T) {
	if pointwise(opTanhGradient, dst, d, y, 0, 0, 0) {
		return
	}
	for i, v := range y {
		dst[i] = T(float64(d[i]) * (1 - float64(float64(v)*float64(v))))
	}
}

type pointwiseOp int

const (
	opAdd pointwiseOp = iota
	opSubtract
	opMultiply
	opRelu
	opReluGradient
	opAddScalar
	opScale
	opScaleShift
	opNormalise
	opNormaliseGradient
	opSigmoidGradient
	opTanhGradient
)

// pointwiseArgs are the arguments of the elementwise kernels of float32.
type pointwiseArgs struct {
	dst, x, y unsafe.Pointer
	n         int
	scalars   [3]float32
}

// pointwise runs the kernel of an operation, if there is one, after it has checked the lengths.
func pointwise[T Float](op pointwiseOp, dst, x, y []T, p, q, r T) bool {
	if len(dst) != len(x) || len(y) != len(x) {
		panic(badLength)
	}
	if size[T]() != 4 {
		return false
	}
	args := pointwiseArgs{address(dst), address(x), address(y), len(x), [3]float32{float32(p), float32(q), float32(r)}}
	return pointwiseKernel(op, &args)
}
