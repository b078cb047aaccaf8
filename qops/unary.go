package qops

import (
	"gorgonia.org/gorgonia"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/elementary"
)

// Unary is an elementwise function of one tensor, computed in float64 by the project's own polynomials and rounded
// once, or the gradient of one (which takes the function's output, or its input, as second operand).
type Unary struct {
	base
	// f32 and f64 are the function over slices; nil in a gradient.
	f32      func(dst, x []float32)
	f64      func(dst, x []float64)
	gradient func(grad, y float64) float64
	back32   func(dst, grad, y []float32) // the gradient over slices, nil where there is none
	back64   func(dst, grad, y []float64)
	ofInput  bool // the gradient is written in the function's input instead of its output
}

type unaryFunction struct {
	kind     string
	f32      func(dst, x []float32)
	f64      func(dst, x []float64)
	gradient func(grad, y float64) float64
	back32   func(dst, grad, y []float32)
	back64   func(dst, grad, y []float64)
	ofInput  bool
}

// The elementwise functions, by their word in policies.
var (
	sigmoid = unaryFunction{
		kind: "sigmoid", f32: elementary.SigmoidSlice[float32], f64: elementary.SigmoidSlice[float64],
		back32: kernel.SigmoidGradient[float32], back64: kernel.SigmoidGradient[float64],
	}
	tanh = unaryFunction{
		kind: "tanh", f32: elementary.TanhSlice[float32], f64: elementary.TanhSlice[float64],
		back32: kernel.TanhGradient[float32], back64: kernel.TanhGradient[float64],
	}
	exp = unaryFunction{
		kind: "exp", f32: elementary.ExpSlice[float32], f64: elementary.ExpSlice[float64],
		gradient: func(d, y float64) float64 { return d * y },
	}
	log = unaryFunction{
		kind: "log", f32: elementary.LogSlice[float32], f64: elementary.LogSlice[float64], ofInput: true,
		gradient: func(d, x float64) float64 { return d / x },
	}
	square = unaryFunction{
		kind: "square", f32: squareSlice[float32], f64: squareSlice[float64], ofInput: true,
		gradient: func(d, x float64) float64 { return d * (2 * x) },
	}
)

func squareSlice[T Float](dst, x []T) { kernel.Multiply(dst, x, x) }

func newUnary(u unaryFunction, x *gorgonia.Node) *gorgonia.Node {
	return apply(&Unary{base: newBase(u.kind, "out", x.Shape(), x), f32: u.f32, f64: u.f64, gradient: u.gradient, back32: u.back32, back64: u.back64, ofInput: u.ofInput}, x)
}

// NewSigmoid adds 1/(1+exp(-x)).
func NewSigmoid(x *gorgonia.Node) *gorgonia.Node { return newUnary(sigmoid, x) }

// NewTanh adds tanh(x).
func NewTanh(x *gorgonia.Node) *gorgonia.Node { return newUnary(tanh, x) }

// NewExp adds exp(x).
func NewExp(x *gorgonia.Node) *gorgonia.Node { return newUnary(exp, x) }

// NewLog adds log(x).
func NewLog(x *gorgonia.Node) *gorgonia.Node { return newUnary(log, x) }

// NewSquare adds x*x.
func NewSquare(x *gorgonia.Node) *gorgonia.Node { return newUnary(square, x) }

// Do implements gorgonia.Op.
func (o *Unary) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Unary) DiffWRT(n int) []bool {
	d := make([]bool, len(o.inDims))
	d[0] = o.f32 != nil
	return d
}

// SymDiff implements gorgonia.SDOp.
func (o *Unary) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	of, name := out, "output"
	if o.ofInput {
		of, name = in[0], "input"
	}
	op := &Unary{base: newBase(o.kind, "out", o.shape, grad, of).of("error", name), gradient: o.gradient, back32: o.back32, back64: o.back64}
	return gorgonia.Nodes{apply(op, grad, of)}, nil
}

// Run implements Op.
func (o *Unary) Run(c *Call) error {
	switch {
	case o.f32 != nil:
		return byElement(o, c,
			func(o *Unary, c *Call, lo, hi int) { o.f32(c.Out.F32[lo:hi], c.In[0].F32[lo:hi]) },
			func(o *Unary, c *Call, lo, hi int) { o.f64(c.Out.F64[lo:hi], c.In[0].F64[lo:hi]) })
	case o.back32 != nil:
		return byElement(o, c,
			func(o *Unary, c *Call, lo, hi int) {
				o.back32(c.Out.F32[lo:hi], c.In[0].F32[lo:hi], c.In[1].F32[lo:hi])
			},
			func(o *Unary, c *Call, lo, hi int) {
				o.back64(c.Out.F64[lo:hi], c.In[0].F64[lo:hi], c.In[1].F64[lo:hi])
			})
	}
	return byElement(o, c, unaryGradient[float32], unaryGradient[float64])
}

func unaryGradient[T Float](o *Unary, c *Call, lo, hi int) {
	d, y, out := Data[T](c.In[0]), Data[T](c.In[1]), Data[T](c.Out)
	for i := lo; i < hi; i++ {
		out[i] = T(o.gradient(float64(d[i]), float64(y[i])))
	}
}

// Times is x times a constant factor.
type Times struct {
	base
	Factor float64
}

// NewTimes adds factor*x; the factor is rounded to the tensor's type.
func NewTimes(x *gorgonia.Node, factor float64) *gorgonia.Node {
	return apply(&Times{newBase("mul", "out", x.Shape(), x), factor}, x)
}

// Do implements gorgonia.Op.
func (o *Times) Do(v ...gorgonia.Value) (gorgonia.Value, error) { return do(o, v) }

// DiffWRT implements gorgonia.SDOp.
func (o *Times) DiffWRT(int) []bool { return []bool{true} }

// SymDiff implements gorgonia.SDOp.
func (o *Times) SymDiff(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return gorgonia.Nodes{NewTimes(grad, o.Factor)}, nil
}

// Run implements Op.
func (o *Times) Run(c *Call) error {
	return byElement(o, c, times[float32], times[float64])
}

func times[T Float](o *Times, c *Call, lo, hi int) {
	x, out, f := Data[T](c.In[0]), Data[T](c.Out), T(o.Factor)
	for i := lo; i < hi; i++ {
		out[i] = x[i] * f
	}
}
