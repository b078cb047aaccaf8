package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
)

// randomSteps are steps on tensors in few places of memory, so that many of them share one. Each finds its operands there if
// the steps run one behind the other; otherwise no plan would make many of these.
func randomSteps(rng *rand.Rand) (steps []step, arrays map[*gorgonia.Node]*qops.Array) {
	const channels, side = 4, 3
	g := gorgonia.NewGraph()
	arrays = map[*gorgonia.Node]*qops.Array{}
	places := map[int][]*qops.Array{}                     // by size
	holds := map[unsafe.Pointer]map[*gorgonia.Node]bool{} // by place, whose values these are
	place := func(n *gorgonia.Node) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(arrays[n].F32)) }
	give := func(n *gorgonia.Node) *qops.Array {
		size := elements(n.Shape())
		if len(places[size]) < 4 {
			places[size] = append(places[size], qops.NewArray(tensor.Float32, n.Shape()))
		}
		arrays[n] = &qops.Array{Shape: n.Shape(), F32: places[size][rng.IntN(len(places[size]))].F32}
		return arrays[n]
	}
	input := func(shape ...int) *gorgonia.Node {
		n := gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(fmt.Sprint(len(arrays))))
		arrays[n] = qops.NewArray(tensor.Float32, n.Shape()) // of its own
		holds[place(n)] = map[*gorgonia.Node]bool{n: true}
		return n
	}
	add := func(n *gorgonia.Node) *gorgonia.Node {
		s := step{node: n, op: n.Op().(qops.Op), again: rng.IntN(8) == 0}
		for _, o := range operands(n) {
			s.call.In = append(s.call.In, arrays[o])
		}
		s.call.Threads = 1
		if _, ok := s.op.(*qops.Reshape); ok { // which shares the memory of its operand
			s.call.Out = &qops.Array{Shape: n.Shape(), F32: s.call.In[0].F32}
			arrays[n] = s.call.Out
			holds[place(n)][n] = true
			steps = append(steps, s)
			return n
		}
		over := func() bool {
			for k, in := range s.call.In {
				if shareMemory(in, s.call.Out) && !qops.InPlace(s.op, &s.call, k) {
					return true
				}
			}
			return false
		}
		for s.call.Out = give(n); over(); s.call.Out = give(n) {
		}
		holds[place(n)] = map[*gorgonia.Node]bool{n: true}
		steps = append(steps, s)
		return n
	}
	must := func(n *gorgonia.Node, err error) *gorgonia.Node {
		if err != nil {
			panic(err)
		}
		return n
	}
	// Four samples of a tensor have as many elements as a weight.
	inputs := map[string]func() *gorgonia.Node{
		"of 2": func() *gorgonia.Node { return input(2, channels, side, side) }, "of 4": func() *gorgonia.Node { return input(4, channels, side, side) },
		"vector": func() *gorgonia.Node { return input(channels) }, "weight": func() *gorgonia.Node { return input(channels, channels, side, side) },
	}
	all := map[string]gorgonia.Nodes{}
	pick := func(kind string) *gorgonia.Node {
		there := slices.DeleteFunc(slices.Clone(all[kind]), func(n *gorgonia.Node) bool { return !holds[place(n)][n] })
		if len(there) == 0 {
			all[kind] = append(all[kind], inputs[kind]())
			return all[kind][len(all[kind])-1]
		}
		if rng.IntN(2) == 0 {
			return there[len(there)-1]
		}
		return there[rng.IntN(len(there))]
	}
	for _, kind := range []string{"of 2", "of 4", "vector", "weight"} {
		all[kind] = gorgonia.Nodes{inputs[kind]()}
	}
	for range 6 + rng.IntN(8) {
		kind := []string{"of 4", "of 4", "of 4", "of 2"}[rng.IntN(4)]
		compute := func(kind string, n *gorgonia.Node) { all[kind] = append(all[kind], add(n)) }
		switch rng.IntN(9) {
		case 0:
			compute(kind, qops.NewReLU(pick(kind)))
		case 1:
			compute(kind, must(qops.NewAdd(pick(kind), pick(kind))))
		case 2, 3:
			compute(kind, must(qops.NewBiasAdd(pick(kind), pick("vector"))))
		case 4, 5:
			same := qops.ConvShape{Kernel: [2]int{side, side}, Pad: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
			compute(kind, must(qops.NewConv(pick(kind), pick("weight"), same)))
		case 6:
			compute("vector", qops.NewChannelSum(pick(kind), []int{channels}))
		case 7: // the weight's axis 0 may be taken for one of samples
			compute("weight", qops.NewReLU(pick("weight")))
		case 8:
			x := pick(kind)
			flat := add(must(qops.NewReshape(x, []int{x.Shape()[0], channels * side * side})))
			compute(kind, must(qops.NewReshape(flat, x.Shape())))
		}
	}
	return steps, arrays
}

// In a segment no thread writes what another one, at another step, may read or write, and a segment that may have to run
// again leaves what it was given: for steps of any kind, wherever in memory their tensors lie.
func TestSegmentsAreSafeWhereverTensorsLie(t *testing.T) {
	longest, again, reduced, cut := 0, 0, 0, 0
	for seed := range uint64(1500) {
		steps, arrays := randomSteps(rand.New(rand.NewPCG(seed, 5)))
		m := &machine{steps: steps, arrays: arrays, segments: segmentsOf(steps, 0, len(steps))}
		o := &overlaps{m, newAddresses(m), map[*qops.Array]*qops.Array{}}
		next := 0
		for _, s := range m.segments {
			require.Equal(t, next, s.first)
			next = s.end
			if len(s.runners) <= 1 {
				require.Equal(t, s.first+1, s.end)
				continue
			}
			require.Len(t, s.runners, s.end-s.first)
			require.NoError(t, o.bySamples(s.first, s.end, s.samples), "seed %d, steps %d to %d", seed, s.first, s.end)
			longest = max(longest, s.end-s.first)
			decides := false
			for _, step := range steps[s.first:s.end] {
				decides = decides || step.again
				if qops.Reduces(step.op) {
					reduced++
				}
			}
			require.Equal(t, decides, s.again, "seed %d", seed)
			if s.again {
				again++
				require.NoError(t, o.untouched(s.first, s.end), "seed %d, steps %d to %d", seed, s.first, s.end)
			}
			if s.end < len(steps) {
				cut++
			}
		}
		require.Equal(t, len(steps), next)
	}
	require.Greater(t, longest, 4)
	for what, n := range map[string]int{"may run again": again, "reductions": reduced, "cut short": cut} {
		require.Greater(t, n, 100, what)
	}
}
