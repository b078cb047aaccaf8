package graph

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/qops"
)

// Evaluation takes samples through all convolutions and batch norms of a network in one segment, in a few of the arrays
// that training has.
func TestEvaluationIsOneSegment(t *testing.T) {
	g := gorgonia.NewGraph()
	input := func(name string, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithInit(gorgonia.Gaussian(0, 1)))
	}
	must := func(n *gorgonia.Node, err error) *gorgonia.Node {
		require.NoError(t, err)
		return n
	}
	const layers = 6
	x := input("x", 4, 3, 8, 8)
	var parameters gorgonia.Nodes
	for i := range layers {
		w, scale, bias := input(fmt.Sprintf("w%d", i), 3, 3, 3, 3), input(fmt.Sprintf("scale%d", i), 3), input(fmt.Sprintf("bias%d", i), 3)
		parameters = append(parameters, w, scale, bias)
		y := must(qops.NewConv(x, w, qops.ConvShape{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}))
		y = must(qops.NewBatchNorm(y, scale, bias, 1e-3, qops.NewRunning(3, 0.1)))
		x = qops.NewReLU(must(qops.NewAdd(x, y)))
	}
	loss := must(qops.NewReduce(must(qops.NewReshape(x, []int{4 * 3 * 8 * 8})), 0, 0, true))
	p, err := policy.Load("float32")
	require.NoError(t, err)
	program, err := Compile(loss, parameters, p)
	require.NoError(t, err)
	m := program.machine
	trains := places(m)
	e := m.of(Pass{Evaluation: true})
	require.Same(t, m, m.of(Pass{Evaluation: true, Backward: true}))
	require.Same(t, m, m.of(Pass{}))
	convolutions := 0
	for _, s := range e.segments {
		count := 0
		for i := s.first; i < s.end; i++ {
			if _, ok := e.steps[i].op.(*qops.Conv); ok {
				count++
			}
		}
		convolutions = max(convolutions, count)
	}
	require.Equal(t, layers, convolutions)
	evaluates := places(e)
	for at := range evaluates {
		require.True(t, trains[at], "memory of its own")
	}
	require.Less(t, len(evaluates), 5)
	require.Greater(t, len(trains), 2*layers)
}

// places are where a machine's tensors of whole batches lie.
func places(m *machine) map[unsafe.Pointer]bool {
	all := map[unsafe.Pointer]bool{}
	for _, s := range m.steps {
		if s.call.Out.Size() >= 4*3*8*8 {
			all[unsafe.Pointer(unsafe.SliceData(s.call.Out.F32))] = true
		}
	}
	return all
}
