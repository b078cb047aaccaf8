package optimizers

import (
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The control variate cancels: the unweighted mean of the inner gradients at w~ is the full gradient to the last bit, random
// bits of the evaluation included, and running statistics move only at the current weights.
func TestControlVariateCancels(t *testing.T) {
	for _, name := range []string{"svrg", "lp-svrg", "halp"} {
		t.Run(name+"/float32", func(t *testing.T) { controlVariate[float32](t, name) })
		t.Run(name+"/float64", func(t *testing.T) { controlVariate[float64](t, name) })
	}
}

func controlVariate[T element](t *testing.T, name string) {
	const outers, length = 3, 60 // long enough that every batch is drawn
	problem := newToy[T](Formats{Offset: number.MustParse("int:w8,scale=run,sr,sat")})
	o := mustNew(t, mustParse(t, name, "T=60", "lr=0.05"), problem)
	for outer := range outers {
		problem.passes = nil
		var full [][]T
		var err error
		for step := range length {
			result := mustStep(t, o)
			if step == 0 {
				full, err = load[T](o.State(), problem.parameters, "full-gradient")
				require.NoError(t, err)
				assert.Equal(t, problem.batches+2, result.Evaluations)
				assert.InDelta(t, norm(full...), result.GradientNorm, 1e-6, "at w = w~ the direction is the full gradient")
			}
			assert.Equal(t, norm(full...), result.FullGradientNorm)
		}
		anchor := problem.passes[0].values
		atAnchor := map[int]recorded[T]{}
		for n, p := range problem.passes {
			assert.Equal(t, outer, p.outer)
			assert.Equal(t, number.FullGradient, p.pass.Domain)
			assert.EqualValues(t, outer*problem.batches+p.batch, p.pass.Execution)
			inner := n - problem.batches
			assert.Equal(t, inner >= 0 && inner%2 == 1, p.pass.UpdateStatistics, "evaluation %d", n)
			if inner >= 0 && inner%2 == 0 {
				require.Equal(t, anchor, p.values)
				atAnchor[p.batch] = p
			}
		}
		require.Len(t, atAnchor, problem.batches, "every batch is drawn")
		for i := range full {
			for j := range full[i] {
				sum := 0.0
				for batch := range problem.batches {
					require.Equal(t, problem.passes[batch].gradient[i][j], atAnchor[batch].gradient[i][j])
					sum += float64(atAnchor[batch].gradient[i][j])
				}
				require.Equal(t, T(sum/float64(problem.batches)), full[i][j])
			}
		}
	}
}

// Averaged over the batches, the corrected gradient is the full gradient at the current weights.
func TestCorrectedGradientIsUnbiased(t *testing.T) {
	problem := newToy[float64](Formats{})
	r, err := newPlain[float64](&SVRG{Descent: Descent{LearningRate: 0.1}}, Run{Problem: problem, Seed: 1}, Reduction{Length: Span{Count: 10}})
	require.NoError(t, err)
	for range 4 {
		mustStep(t, r)
	}
	mean, full := makeLike(r.gradient), makeLike(r.gradient)
	for batch := range problem.batches {
		_, err := r.correct(batch)
		require.NoError(t, err)
		for i, g := range r.gradient {
			for j := range g {
				mean[i][j] += g[j] / float64(problem.batches)
			}
		}
		_, err = r.evaluate(r.gradient, batch, r.pass(batch))
		require.NoError(t, err)
		for i, g := range r.gradient {
			for j := range g {
				full[i][j] += g[j] / float64(problem.batches)
			}
		}
	}
	for i := range full {
		assert.InDeltaSlice(t, full[i], mean[i], 1e-14)
	}
}

func TestRandomIterate(t *testing.T) {
	const length = 6
	last, random := newToy[float64](Formats{}), newToy[float64](Formats{})
	a := mustNew(t, mustParse(t, "svrg", "T=6"), last)
	b := mustNew(t, mustParse(t, "svrg", "T=6", "iterate=random"), random)
	iterates := [][][]float64{}
	for range length {
		iterates = append(iterates, last.weights())
		mustStep(t, a)
		mustStep(t, b)
	}
	draw := number.Draw{Stream: number.NewStream(42, "optimizer/iterate"), Domain: number.Data}
	assert.Equal(t, iterates[Choose(draw, 0, length)], random.weights())
	assert.NotEqual(t, last.weights(), random.weights())
}

func TestDefaultLengthIsAnEpoch(t *testing.T) {
	problem := newToy[float64](Formats{})
	o := mustNew(t, mustParse(t, "svrg"), problem)
	for range problem.batches {
		assert.Zero(t, mustStep(t, o).Outer)
	}
	assert.Equal(t, 1, mustStep(t, o).Outer)
	o = mustNew(t, mustParse(t, "svrg", "T=2epochs"), problem)
	for range 2 * problem.batches {
		assert.Zero(t, mustStep(t, o).Outer)
	}
	assert.Equal(t, 1, mustStep(t, o).Outer)
}

func TestChooseIsUniform(t *testing.T) {
	const n, draws = 7, 70000
	counts := make([]int, n)
	draw := number.Draw{Stream: number.NewStream(3, "x"), Domain: number.Data}
	for i := range uint64(draws) {
		counts[Choose(draw, i, n)]++
	}
	// Chi-squared with 6 degrees of freedom exceeds 22.5 once in a thousand; the draws are fixed.
	sum := 0.0
	for _, c := range counts {
		sum += float64((c-draws/n)*(c-draws/n)) / (draws / n)
	}
	assert.Less(t, sum, 22.5)
	assert.Zero(t, Choose(draw, 5, 1))
}
