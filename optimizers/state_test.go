package optimizers

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resumable lists every optimizer with options that use all its state.
var resumable = map[string][]string{
	"sgd":     {"momentum=0.9"},
	"lp-sgd":  {"momentum=0.9", "decay=0.01"},
	"svrg":    {"T=7", "momentum=0.5", "iterate=random"},
	"lp-svrg": {"T=7"},
	"halp":    {"T=7", "momentum=0.5", "decay=0.01", "iterate=random"},
	"swalp":   {"momentum=0.9", "swa-start=4", "swa-every=3", "swa-lr=0.02"},
}

// A run that is killed after any step and taken up again from parameters and state has the bits of an unbroken run.
func TestResumeGivesTheSameBits(t *testing.T) {
	for _, name := range Names() {
		options, known := resumable[name]
		require.True(t, known, "add %s to the list", name)
		t.Run(name+"/float32", func(t *testing.T) { resume[float32](t, name, options) })
		t.Run(name+"/float64", func(t *testing.T) { resume[float64](t, name, options) })
	}
}

func resume[T element](t *testing.T, name string, options []string) {
	const steps = 20
	c := mustParse(t, name, options...)
	whole := newToy[T](lowPrecision())
	unbroken := mustNew(t, c, whole)
	var results []StepResult
	for range steps {
		results = append(results, mustStep(t, unbroken))
	}
	for kill := range steps {
		first := newToy[T](lowPrecision())
		o := mustNew(t, c, first)
		for range kill {
			mustStep(t, o)
		}
		state := o.State()
		weights := first.weights()
		for range 3 { // what is done after the checkpoint is lost, and must not reach into it
			mustStep(t, o)
		}

		second, resumed := first, o // half of the time the same optimizer goes back
		if kill%2 == 0 {
			second = newToy[T](lowPrecision())
			resumed = mustNew(t, c, second)
		}
		for i, p := range second.parameters {
			copy(slice[T](p.Value), weights[i])
		}
		require.NoError(t, resumed.Restore(state))
		assert.Equal(t, state, resumed.State())
		for step := kill; step < steps; step++ {
			require.Equal(t, results[step].Loss, mustStep(t, resumed).Loss, "killed after %d, step %d", kill, step)
		}
		require.Equal(t, whole.weights(), second.weights(), "killed after %d", kill)
		require.Equal(t, unbroken.State(), resumed.State())
	}
}

func TestInterruptedFullPassChangesNothing(t *testing.T) {
	problem := newToy[float64](lowPrecision())
	ctx, cancel := context.WithCancel(context.Background())
	var seen [][2]int
	o, err := mustParse(t, "halp").New(Run{Problem: problem, Seed: 42, Progress: func(done, total int) {
		seen = append(seen, [2]int{done, total})
		if done == 3 && len(seen) < 5 {
			cancel()
		}
	}})
	require.NoError(t, err)
	weights, state := problem.weights(), o.State()
	_, err = o.Step(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, [][2]int{{1, 5}, {2, 5}, {3, 5}}, seen)
	assert.Equal(t, weights, problem.weights())
	assert.Equal(t, state, o.State())

	clean := newToy[float64](lowPrecision())
	mustStep(t, mustNew(t, mustParse(t, "halp"), clean))
	mustStep(t, o)
	assert.Equal(t, clean.weights(), problem.weights())
}

func TestRestoreRefusesForeignStates(t *testing.T) {
	c := mustParse(t, "halp", "momentum=0.5")
	problem := newToy[float32](lowPrecision())
	o := mustNew(t, c, problem)
	mustStep(t, o)
	good := o.State()

	edit := func(change func(*State)) State {
		s := State{Optimizer: good.Optimizer}
		s.Counters = append(s.Counters, good.Counters...)
		s.Tensors = append(s.Tensors, good.Tensors...)
		change(&s)
		return s
	}
	for want, state := range map[string]State{
		`the state is of optimizer "svrg", the run uses "halp"`: edit(func(s *State) { s.Optimizer = "svrg" }),
		`counter "step" is missing`:                             edit(func(s *State) { s.Counters = s.Counters[1:] }),
		`counter "outer" is -1, out of range`:                   edit(func(s *State) { s.Counters[1].Value = -1 }),
		`counter "anchored" is missing`:                         edit(func(s *State) { s.Counters = s.Counters[:3] }),
		`tensor "layer/w.momentum" is missing`:                  edit(func(s *State) { s.Tensors = s.Tensors[1:] }),
		`tensor "layer/b.offset" is missing`:                    edit(func(s *State) { s.Tensors = s.Tensors[:len(s.Tensors)-1] }),
		`"layer/w.momentum" has 3 elements in the parameters' type, want 12`: edit(func(s *State) {
			s.Tensors[0].Value = Vector{F32: make([]float32, 3)}
		}),
		`"layer/w.momentum" has 0 elements`: edit(func(s *State) { s.Tensors[0].Value = Vector{F64: make([]float64, 12)} }),
	} {
		assert.ErrorContains(t, mustNew(t, c, newToy[float32](lowPrecision())).Restore(state), want)
	}
	require.NoError(t, mustNew(t, c, newToy[float32](lowPrecision())).Restore(good))
}
