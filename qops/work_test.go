package qops_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/qops"
	"github.com/halftone-go/halftone/qops/number"
)

// work is that of the op of a node.
func work(n *gorgonia.Node, operands ...*gorgonia.Node) qops.Work {
	c := &qops.Call{Out: qops.NewArray(n.Dtype(), n.Shape())}
	made := map[*gorgonia.Node]*qops.Array{}
	for _, o := range operands {
		if made[o] == nil {
			made[o] = qops.NewArray(o.Dtype(), o.Shape())
		}
		c.In = append(c.In, made[o])
	}
	return qops.WorkOf(n.Op().(qops.Op), c)
}

// Counted by hand.
func TestWork(t *testing.T) {
	g := gorgonia.NewGraph()
	inputs := 0
	input := func(shape ...int) *gorgonia.Node {
		inputs++ // gives each a name of its own, without which Gorgonia takes two of one shape for one
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(fmt.Sprint(inputs)))
	}
	made := func(n *gorgonia.Node, err error) *gorgonia.Node {
		require.NoError(t, err)
		return n
	}
	x, w := input(2, 3, 8, 6), input(5, 3, 3, 3)
	y := made(qops.NewConv(x, w, qops.ConvShape{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}}))
	// 2 samples, 5 channels of 4x3, 27 terms each.
	sums := 2.0 * 27 * (2 * 5 * 4 * 3)
	assert.Equal(t, qops.Work{Operations: sums, Bytes: 4 * (2*3*8*6 + 5*27 + 2*5*4*3)}, work(y, x, w))
	dy := input(2, 5, 4, 3)
	back, err := y.Op().(qops.Op).SymDiff(gorgonia.Nodes{x, w}, y, dy)
	require.NoError(t, err)
	assert.InDelta(t, sums, work(back[0], dy, w).Operations, 0)
	assert.InDelta(t, sums, work(back[1], x, dy).Operations, 0)

	a, b := input(4, 7), input(9, 7)
	assert.Equal(t, qops.Work{Operations: 2 * 4 * 7 * 9, Bytes: 4 * (28 + 63 + 36)}, work(made(qops.NewDense(a, b, false, true)), a, b))
	c := input(4, 7)
	assert.Equal(t, qops.Work{Operations: 28, Bytes: 4 * 28 * 3}, work(made(qops.NewAdd(a, c)), a, c))
	assert.Equal(t, qops.Work{Operations: 28, Bytes: 4 * 28 * 2}, work(made(qops.NewMul(a, a)), a, a), "an operand that is read twice moves once")
	assert.Equal(t, qops.Work{Operations: 28, Bytes: 4 * (28 + 4)}, work(made(qops.NewReduce(a, 1, 1, true)), a))
	assert.Equal(t, qops.Work{Bytes: 4 * 56}, work(made(qops.NewReshape(a, []int{7, 4})), a))
	flat, there := made(qops.NewReshape(a, []int{28})), qops.NewArray(tensor.Float32, []int{4, 7})
	inPlace := &qops.Call{In: []*qops.Array{there}, Out: &qops.Array{Shape: []int{28}, F32: there.F32}}
	assert.Zero(t, qops.WorkOf(flat.Op().(qops.Op), inPlace), "in the memory of its operand")
	q, _ := qops.NewQuantize(a, number.MustParse("bfp:w8e8,rne,sat"), 1, number.Stream{})
	assert.Equal(t, qops.Work{Operations: 6 * 28, Bytes: 4 * 56}, work(q, a))
	wide := gorgonia.NewTensor(g, tensor.Float64, 2, gorgonia.WithShape(2, 3))
	assert.InDelta(t, 8*12, work(qops.NewSigmoid(wide), wide).Bytes, 0)
}

// An op says in which arithmetic it ran: exact sums of 8-bit codes in int8 where the processor has it, of 16-bit codes in
// something wider than the tensor, all else in the tensor's type.
func TestRanIn(t *testing.T) {
	shape := []int{2, 16, 8, 8}
	run := func(format string) qops.Arithmetic {
		g := gorgonia.NewGraph()
		x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(shape...))
		w := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(16, 16, 3, 3))
		y, err := qops.NewConv(x, w, qops.ConvShape{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}})
		require.NoError(t, err)
		op := y.Op().(qops.Op)
		c := &qops.Call{Out: qops.NewArray(tensor.Float32, y.Shape()), Threads: 1}
		for _, n := range []*gorgonia.Node{x, w} {
			a := qops.NewArray(tensor.Float32, n.Shape())
			for i := range a.F32 {
				a.F32[i] = float32(i%7-3) / 4
			}
			q, _ := qops.NewQuantize(n, number.MustParse(format), 0, number.Stream{})
			rounded := qops.NewArray(tensor.Float32, n.Shape())
			require.NoError(t, q.Op().(qops.Op).Run(&qops.Call{In: []*qops.Array{a}, Out: rounded, Threads: 1}))
			c.In = append(c.In, rounded)
		}
		require.NoError(t, op.Run(c))
		return qops.RanIn(op)
	}
	assert.Equal(t, qops.OfTensor, run("float32"))
	assert.Equal(t, qops.Int16, run("int:w8,scale=max,rne,sat"))
	assert.Equal(t, qops.Float64, run("int:w16,scale=max,rne,sat"))
	assert.NotEqual(t, qops.OfTensor, run("fixed:w16f8,rne,sat"))
	if kernel.PeakInt8(1) > 0 {
		assert.Equal(t, qops.Int8, run("bfp:w8e8,rne,sat"))
	}
	assert.Equal(t, qops.OfTensor, qops.RanIn(qops.NewReLU(gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float32, 1, gorgonia.WithShape(3))).Op().(qops.Op)))
}
