package graph_test

import (
	"runtime"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// heap is what is alive.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What a program will take is known within 20 percent, of networks that run in segments and in stages, with and without
// formats, in both types, and with the reference beside it.
func TestMemoryIsKnownBefore(t *testing.T) {
	const smallest = 4 << 20 // so that the nodes themselves do not count
	for name, build := range map[string]func() model{
		"resnet14": func() model { return netModel(t, "resnet14", tensor.Float32, 16, 1) },
		"lstm":     func() model { return stackedLSTM(tensor.Float32, 64, 6, 2, 256) },
		"wide":     func() model { return smallCNN(tensor.Float64, 1024) }, // beside which what kernels work in is little
	} {
		for _, policyName := range []string{"float32", "swalp8", "int"} {
			for option, opts := range map[string][]graph.Option{"planned": nil, "paranoid": {graph.WithParanoid()}} {
				t.Run(name+"/"+policyName+"/"+option, func(t *testing.T) {
					p := shipped(t, "float32")
					if policyName == "int" {
						p = withRules(t, p, `{match: "**", activation: "int:w8,scale=max,rne,sat", weight: "int:w8,scale=max,rne,sat"}`)
					} else {
						p = shipped(t, policyName)
					}
					m := build()
					before := heap()
					var expected graph.Memory
					program, err := graph.Compile(m.loss, m.parameters, p, append(opts, graph.WithThreads(2), graph.WithMemory(func(m graph.Memory) error {
						require.Zero(t, expected)
						expected = m
						require.Less(t, heap()-before, m.Total()/2+smallest, "nothing is taken yet")
						return nil
					}))...)
					require.NoError(t, err)
					require.NoError(t, program.Run(graph.Pass{Backward: true}))
					took := heap() - before
					t.Logf("expected %+v, took %d: %.2f", expected, took, float64(expected.Total())/float64(took))
					require.Greater(t, expected.Total(), int64(smallest))
					require.InEpsilon(t, took, expected.Total(), 0.2)
					runtime.KeepAlive(program)
					runtime.KeepAlive(m)
				})
			}
		}
	}
}

// A check that refuses ends the compilation.
func TestMemoryIsRefused(t *testing.T) {
	m := smallCNN(tensor.Float32, 4)
	_, err := graph.Compile(m.loss, m.parameters, shipped(t, "swalp8"), graph.WithParanoid(), graph.WithMemory(func(graph.Memory) error {
		return errors.New("too much")
	}))
	require.EqualError(t, err, "too much")
}
