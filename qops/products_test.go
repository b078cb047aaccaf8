package qops_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// term is one product of a sum: an index into each operand. An operand that lies in the padding has the index -1 and
// the value 0.
type term struct{ a, b int }

// productCase is an op that takes sums of products, with its definition written out.
type productCase struct {
	name        string
	shapes      [2][]int
	channelAxis [2]int
	out         []int
	op          func(dtype tensor.Dtype) qops.Op
	// terms lists the terms of output i in their order, in groups: what a sum by blocks takes together.
	terms func(i int) [][]term
	count int // terms of one sum, with those in the padding and those that a stride leaves out
	// grouped is set when a sum in ascending order takes each group from +0 too, and adds the groups.
	grouped bool
}

func inputs(dtype tensor.Dtype, shapes ...[]int) gorgonia.Nodes {
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	for i, s := range shapes {
		in = append(in, gorgonia.NewTensor(g, dtype, len(s), gorgonia.WithShape(s...), gorgonia.WithName(string(rune('a'+i)))))
	}
	return in
}

func elements(shape []int) int { return tensor.Shape(shape).TotalSize() }

// denseCase is op(a) op(b) with m rows, n columns and k terms.
func denseCase(m, n, k int, transA, transB bool) productCase {
	p := productCase{
		name: "dense", count: k, shapes: [2][]int{{m, k}, {k, n}}, channelAxis: [2]int{1, 1}, out: []int{m, n},
	}
	if transA {
		p.name += " aT"
		p.shapes[0] = []int{k, m}
	}
	if transB {
		p.name += " bT"
		p.shapes[1] = []int{n, k}
	}
	p.op = func(dtype tensor.Dtype) qops.Op {
		in := inputs(dtype, p.shapes[:]...)
		c, err := qops.NewDense(in[0], in[1], transA, transB)
		if err != nil {
			panic(err)
		}
		return c.Op().(qops.Op)
	}
	p.terms = func(i int) [][]term {
		row, column := i/n, i%n
		var groups [][]term
		for l := range k {
			t := term{row*k + l, l*n + column}
			if transA {
				t.a = l*m + row
			}
			if transB {
				t.b = column*k + l
			}
			groups = append(groups, []term{t})
		}
		return groups
	}
	return p
}

// geometry is a small convolution.
type geometry struct{ n, c, h, w, oc, kernel, pad, stride, dilation int }

func (g geometry) outputs(size int) int {
	return (size+2*g.pad-g.dilation*(g.kernel-1)-1)/g.stride + 1
}

// in is the index of x[n,c,.,.] under tap (kh,kw) of output position (p,q), -1 in the padding.
func (g geometry) in(n, c, p, q, kh, kw int) int {
	h, w := p*g.stride-g.pad+kh*g.dilation, q*g.stride-g.pad+kw*g.dilation
	if h < 0 || h >= g.h || w < 0 || w >= g.w {
		return -1
	}
	return ((n*g.c+c)*g.h+h)*g.w + w
}

func (g geometry) weight(o, c, kh, kw int) int { return ((o*g.c+c)*g.kernel+kh)*g.kernel + kw }

// convCases are the three convolutions of a layer.
func convCases(g geometry) []productCase {
	oh, ow := g.outputs(g.h), g.outputs(g.w)
	x, w, y := []int{g.n, g.c, g.h, g.w}, []int{g.oc, g.c, g.kernel, g.kernel}, []int{g.n, g.oc, oh, ow}
	op := func(which int) func(dtype tensor.Dtype) qops.Op {
		return func(dtype tensor.Dtype) qops.Op {
			in := inputs(dtype, x, w, y)
			out, err := qops.NewConv(in[0], in[1], qops.ConvShape{
				Kernel: [2]int{g.kernel, g.kernel}, Pad: [2]int{g.pad, g.pad}, Stride: [2]int{g.stride, g.stride}, Dilation: [2]int{g.dilation, g.dilation},
			})
			if err != nil {
				panic(err)
			}
			grads, err := out.Op().(qops.Op).SymDiff(in[:2], out, in[2])
			if err != nil {
				panic(err)
			}
			return append(grads, out)[which].Op().(qops.Op)
		}
	}
	forward := productCase{
		name: "conv", count: g.c * g.kernel * g.kernel, shapes: [2][]int{x, w}, channelAxis: [2]int{1, 0}, out: y, op: op(2),
		terms: func(i int) [][]term {
			n, o, p, q := i/(g.oc*oh*ow), i/(oh*ow)%g.oc, i/ow%oh, i%ow
			groups := make([][]term, g.c)
			for c := range groups {
				for kh := range g.kernel {
					for kw := range g.kernel {
						groups[c] = append(groups[c], term{g.in(n, c, p, q, kh, kw), g.weight(o, c, kh, kw)})
					}
				}
			}
			return groups
		},
	}
	data := productCase{
		name: "conv backward data", count: g.oc * g.kernel * g.kernel, shapes: [2][]int{y, w}, channelAxis: [2]int{1, 0}, out: x, op: op(0),
		terms: func(i int) [][]term {
			n, c, h, v := i/(g.c*g.h*g.w), i/(g.h*g.w)%g.c, i/g.w%g.h, i%g.w
			groups := make([][]term, g.oc)
			for o := range groups {
				for kh := range g.kernel {
					for kw := range g.kernel {
						p, q := h+g.pad-kh*g.dilation, v+g.pad-kw*g.dilation
						if p%g.stride != 0 || q%g.stride != 0 {
							continue // no output lies there
						}
						t := term{-1, g.weight(o, c, kh, kw)}
						if p, q = p/g.stride, q/g.stride; p >= 0 && p < oh && q >= 0 && q < ow {
							t.a = ((n*g.oc+o)*oh+p)*ow + q
						}
						groups[o] = append(groups[o], t)
					}
				}
			}
			return groups
		},
	}
	weight := productCase{
		name: "conv backward weight", count: g.n * oh * ow, shapes: [2][]int{x, y}, channelAxis: [2]int{1, 1}, out: w, op: op(1), grouped: true,
		terms: func(i int) [][]term {
			o, c, kh, kw := i/(g.c*g.kernel*g.kernel), i/(g.kernel*g.kernel)%g.c, i/g.kernel%g.kernel, i%g.kernel
			groups := make([][]term, g.n)
			for n := range groups {
				for p := range oh {
					for q := range ow {
						groups[n] = append(groups[n], term{g.in(n, c, p, q, kh, kw), ((n*g.oc+o)*oh+p)*ow + q})
					}
				}
			}
			return groups
		},
	}
	return []productCase{forward, data, weight}
}

// array returns a tensor with the values rounded to T.
func array[T qops.Float](shape []int, values []float64) *qops.Array {
	a := &qops.Array{Shape: shape}
	data := make([]T, len(values))
	for i, v := range values {
		data[i] = T(v)
	}
	switch d := any(data).(type) {
	case []float32:
		a.F32 = d
	case []float64:
		a.F64 = d
	}
	return a
}

func dtypeOf[T qops.Float]() tensor.Dtype {
	var zero T
	if _, single := any(zero).(float32); single {
		return tensor.Float32
	}
	return tensor.Float64
}

// quantized passes values through a quantize node; under float32 they stay what they are.
func quantized[T qops.Float](t *testing.T, f number.Format, channelAxis int, shape []int, values []float64) *qops.Array {
	t.Helper()
	x := array[T](shape, values)
	if f.IsFloat32() {
		return x
	}
	in := inputs(dtypeOf[T](), shape)
	_, op := qops.NewQuantize(in[0], f, channelAxis, number.NewStream(1, "a"))
	out := array[T](shape, make([]float64, len(values)))
	require.NoError(t, op.Run(&qops.Call{Out: out, In: []*qops.Array{x}, Threads: 1}))
	return out
}
