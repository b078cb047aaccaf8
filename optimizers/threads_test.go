package optimizers

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every optimizer gives the same weights, states and counts at any number of threads, with and without clipping.
func TestThreadsDoNotMatter(t *testing.T) {
	for _, name := range Names() {
		for _, clip := range []string{"clip=0", "clip=0.01"} {
			t.Run(name+"/"+clip, func(t *testing.T) { compareThreads[float32](t, name, append([]string{clip}, resumable[name]...)) })
		}
	}
}

func compareThreads[T element](t *testing.T, name string, options []string) {
	type outcome struct {
		results []StepResult
		weights [][]T
		state   State
	}
	var want outcome
	for _, threads := range []int{1, 2, 3, 7} {
		problem := newToy[T](lowPrecision())
		o, err := mustParse(t, name, options...).New(Run{Problem: problem, Seed: 42, ErrorScale: 8, Threads: threads})
		require.NoError(t, err)
		var got outcome
		for range 20 {
			got.results = append(got.results, mustStep(t, o))
		}
		got.weights, got.state = problem.weights(), o.State()
		if threads == 1 {
			want = got
		}
		require.Equal(t, want, got, "%d threads", threads)
	}
}

// norm without scaling gives the bits of that with it.
func TestNormWithAndWithoutScaling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		scale := rng.NormFloat64()
		for range rng.IntN(250) {
			scale *= 64
		}
		if rng.IntN(2) == 0 {
			scale = 1 / scale
		}
		x := make([]float64, 1+rng.IntN(50))
		for i := range x {
			x[i] = rng.NormFloat64() * scale
		}
		assert.Equal(t, scaledNorm([][]float64{x}), norm(x))
	}
}
