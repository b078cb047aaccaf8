package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
)

// Gorgonia's own solvers train a model through Program.VM: under swalp8 the loss falls, in float64 under float32 every
// step is the one that Gorgonia's tape machine makes.
func TestGorgoniasSolversTrain(t *testing.T) {
	solvers := map[string]func() gorgonia.Solver{
		"vanilla": func() gorgonia.Solver { return gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(2)) },
		"adam":    func() gorgonia.Solver { return gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.02)) },
	}
	const steps = 20
	train := func(t *testing.T, dtype tensor.Dtype, policyName, solver string) []float64 {
		m := smallCNN(dtype, 4)
		var loss, logits gorgonia.Value
		gorgonia.Read(m.loss, &loss)
		gorgonia.Read(m.output, &logits)
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, policyName))
		require.NoError(t, err)
		s, vm := solvers[solver](), program.VM()
		var losses []float64
		for range steps {
			require.NoError(t, vm.RunAll())
			require.Equal(t, program.Loss(), floats(loss.Data())[0])
			require.Equal(t, m.output.Shape(), logits.Shape())
			losses = append(losses, program.Loss())
			require.NoError(t, s.Step(gorgonia.NodesToValueGrads(m.parameters)))
			vm.Reset()
		}
		require.NoError(t, vm.Close())
		return losses
	}
	for name := range solvers {
		t.Run(name, func(t *testing.T) {
			losses := train(t, tensor.Float32, "swalp8", name)
			require.Less(t, losses[steps-1], 0.75*losses[0], "%v", losses)

			m := smallCNN(tensor.Float64, 4)
			_, err := gorgonia.Grad(m.loss, m.parameters...)
			require.NoError(t, err)
			var loss gorgonia.Value
			gorgonia.Read(m.loss, &loss)
			vm := gorgonia.NewTapeMachine(m.loss.Graph(), gorgonia.BindDualValues(m.parameters...))
			defer vm.Close()
			s := solvers[name]()
			for i, got := range train(t, tensor.Float64, "float32", name) {
				require.NoError(t, vm.RunAll())
				require.InEpsilon(t, floats(loss.Data())[0], got, 1e-8, "step %d", i)
				require.NoError(t, s.Step(gorgonia.NodesToValueGrads(m.parameters)))
				vm.Reset()
			}
		})
	}
}
