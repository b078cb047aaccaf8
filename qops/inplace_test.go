package qops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/qops/number"
)

// An op writes the same bits over an operand as elsewhere, in vectors and in their rests.
func TestInPlace(t *testing.T) {
	before := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(before)) })
	backward := func(u unaryFunction) Op { return &Unary{gradient: u.gradient, back32: u.back32, back64: u.back64} }
	quantize := func(format string) Op { return &Quantize{Format: number.MustParse(format)} }
	ops := map[string]Op{
		"relu": &ReLU{}, "relu gradient": &ReLUGrad{},
		"add": &Binary{what: addition}, "subtract": &Binary{what: subtraction}, "multiply": &Binary{what: multiplication},
		"normalise": &Normalise{}, "normalise gradient": &NormaliseGrad{}, "scale and shift": &ScaleShift{}, "scale": &Scale{},
		"bias": &BiasAdd{}, "times": &Times{}, "reshape": &Reshape{},
		"sigmoid": &Unary{f32: sigmoid.f32, f64: sigmoid.f64}, "sigmoid gradient": backward(sigmoid),
		"tanh": &Unary{f32: tanh.f32, f64: tanh.f64}, "tanh gradient": backward(tanh),
		"exp": &Unary{f32: exp.f32, f64: exp.f64}, "exp gradient": backward(exp),
		"log": &Unary{f32: log.f32, f64: log.f64}, "log gradient": backward(log),
		"square": &Unary{f32: square.f32, f64: square.f64}, "square gradient": backward(square),
	}
	vectors := map[string]int{"normalise": 2, "normalise gradient": 3, "scale and shift": 2, "scale": 1, "bias": 1}
	tensors := map[string]int{"relu gradient": 2, "add": 2, "subtract": 2, "multiply": 2, "normalise gradient": 2}
	for name := range ops {
		if _, isUnary := ops[name].(*Unary); isUnary && ops[name].(*Unary).f32 == nil {
			tensors[name] = 2
		}
	}
	for _, format := range []string{
		"fixed:w8f4,sr,sat", "bfp:w8e8,block=sample,sr,sat", "bfp:w8e8,block=channel,rne,sat", "bfp:w8e8,block=tensor,sr,sat",
		"float:e5m2ieee,rne,sat", "mx:e4m3,scale=floor,rne,sat", "int:w8,scale=max,rne,sat", "bfp:w8e8,block=sample,sr,sym+qpytorch",
	} {
		ops[format] = quantize(format)
	}
	for _, set := range []string{"avx512", "avx2", "go"} {
		if isa.Use(set) != nil {
			continue // not on this processor
		}
		for name, op := range ops {
			for _, shape := range [][]int{{1, 1, 1, 1}, {2, 3, 5, 7}, {3, 2, 8, 16}, {4, 37}} {
				for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
					if q, ok := op.(*Quantize); ok { // keeps room for one shape
						op = quantize(q.Format.String())
					}
					inPlace(t, fmt.Sprintf("%s %s %v %v", set, name, shape, dtype), op, shape, dtype, max(tensors[name], 1), vectors[name])
				}
			}
		}
	}
	assert.False(t, InPlace(&SoftmaxLossGrad{}, &Call{}, 0))
	assert.False(t, InPlace(&Conv{}, &Call{}, 0))
}

// inPlace compares an op on some tensors and vectors of channels with the same over each of its tensors.
func inPlace(t *testing.T, name string, op Op, shape []int, dtype tensor.Dtype, tensors, vectors int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(len(name))))
	c := Call{Out: NewArray(dtype, shape), Threads: 2}
	for i := range tensors + vectors {
		of := shape
		if i >= tensors && len(shape) > 1 {
			of = shape[1:2]
		}
		a := NewArray(dtype, of)
		for j := range a.F32 {
			a.F32[j] = float32(math.Abs(rng.NormFloat64()))
		}
		for j := range a.F64 {
			a.F64[j] = math.Abs(rng.NormFloat64())
		}
		c.In = append(c.In, a)
	}
	require.NoError(t, op.Run(&c), name)
	for i := range c.In[:tensors] {
		require.True(t, InPlace(op, &c, i), name)
		over := c
		over.In = slices.Clone(c.In)
		over.In[i] = &Array{Shape: shape, F32: slices.Clone(c.In[i].F32), F64: slices.Clone(c.In[i].F64)}
		over.Out = &Array{Shape: shape, F32: over.In[i].F32, F64: over.In[i].F64}
		require.NoError(t, op.Run(&over), name)
		require.Equal(t, c.Out.F32, over.Out.F32, "%s over operand %d", name, i)
		require.Equal(t, c.Out.F64, over.Out.F64, "%s over operand %d", name, i)
	}
	for i := tensors; i < len(c.In); i++ {
		assert.Equal(t, slices.Equal(c.In[i].Shape, shape), InPlace(op, &c, i), name)
	}
}
