package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/optimizers"
	"github.com/halftone-go/halftone/qops/number"
)

// mean is the mean of gradients at the problem's weights over all batches, summed in float64 in the order of the batches.
func mean(p *problem, gradient func(b int)) [][]float32 {
	sums := make([][]float64, len(p.parameters))
	for b := range p.Batches() {
		gradient(b)
		for i, q := range p.parameters {
			if sums[i] == nil {
				sums[i] = make([]float64, len(q.Gradient.F32))
			}
			for j, g := range q.Gradient.F32 {
				sums[i][j] += float64(g)
			}
		}
	}
	means := make([][]float32, len(sums))
	for i, sum := range sums {
		for _, x := range sum {
			means[i] = append(means[i], float32(x/float64(p.Batches())))
		}
	}
	return means
}

// Within an outer loop the mean of the inner gradients at w~ is the full gradient to the last bit, batch norm, augmentation
// and random rounding included, in whatever order batches are drawn.
func TestControlVariateCancels(t *testing.T) {
	for _, policyName := range []string{"float32", "swalp8", "fixed16"} {
		for _, optimizer := range []string{"svrg", "lp-svrg"} {
			t.Run(policyName+"/"+optimizer, func(t *testing.T) {
				// The rate is so small that the weights stay at w~.
				s, err := newSession(small(t, policyName, optimizer, "lr=1e-38", "T=4"))
				require.NoError(t, err)
				s.meter = newMeter(0, 0)
				for range 5 { // the second outer loop has begun
					require.NoError(t, s.advance(t.Context()))
				}
				full := map[string][]float32{}
				for _, tensor := range s.optimizer.State().Tensors {
					full[tensor.Name] = tensor.Value.F32
				}
				p := s.problem
				drawn := []int{5, 2, 2, 0}
				got := mean(p, func(b int) {
					for i, other := range append(drawn, b) {
						_, err := p.Gradient(other, optimizers.Pass{Domain: number.FullGradient, Execution: uint32(6 + other), UpdateStatistics: i%2 == 0})
						require.NoError(t, err)
					}
				})
				for i, q := range p.parameters {
					assert.Equal(t, full[q.Name+".full-gradient"], got[i], q.Name)
				}
				other := mean(p, func(b int) {
					_, err := p.Gradient(b, optimizers.Pass{Domain: number.FullGradient, Execution: uint32(b)})
					require.NoError(t, err)
				})
				if policyName != "float32" {
					assert.NotEqual(t, got, other, "other execution numbers give other random bits")
				}
			})
		}
	}
}

// Running statistics move only in passes that say so.
func TestStatisticsMoveInOnePass(t *testing.T) {
	s, err := newSession(small(t, "swalp8", "svrg"))
	require.NoError(t, err)
	before := copyStatistics(s.network.program)
	_, err = s.problem.Gradient(1, optimizers.Pass{Domain: number.FullGradient})
	require.NoError(t, err)
	assert.Equal(t, before, copyStatistics(s.network.program))
	_, err = s.problem.Gradient(1, optimizers.Pass{Domain: number.FullGradient, UpdateStatistics: true})
	require.NoError(t, err)
	assert.NotEqual(t, before, copyStatistics(s.network.program))
}

// An outer loop fixes batches and augmentation; the next one has others.
func TestOuterLoopsHaveBatchesOfTheirOwn(t *testing.T) {
	s, err := newSession(small(t, "float32", "sgd"))
	require.NoError(t, err)
	p := s.problem
	assert.Equal(t, 6, p.Batches(), "the last 5 of 53 images make no batch")
	losses := func(outer int) (list []float64) {
		require.NoError(t, p.NextOuter(outer))
		for b := range p.Batches() {
			loss, err := p.Gradient(b, optimizers.Pass{})
			require.NoError(t, err)
			list = append(list, loss)
		}
		return list
	}
	first := losses(0)
	assert.NotEqual(t, first, losses(1))
	assert.Equal(t, first, losses(0))
}

// The error scale changes no bit of an update if it is a power of two and nothing is rounded.
func TestErrorScale(t *testing.T) {
	c := small(t, "float32", "sgd")
	want := mustRun(t, c)
	c.ErrorScale = "256"
	got := mustRun(t, c)
	assert.Equal(t, withoutSeconds(want.Rows), withoutSeconds(got.Rows))
	for i, p := range want.Trained.Program.Parameters() {
		assert.Equal(t, p.Value.F32, got.Trained.Program.Parameters()[i].Value.F32, p.Name)
	}
}

// A dynamic scale falls until gradients are finite, and the step that overflowed leaves no trace.
func TestDynamicErrorScale(t *testing.T) {
	c := small(t, "float32", "sgd")
	c.ErrorScale = "dynamic"
	s, err := newSession(c)
	require.NoError(t, err)
	s.meter = newMeter(0, 0)
	before := copyStatistics(s.network.program)
	s.scale.scale = math.MaxFloat32 * 8 // infinite in float32
	require.NoError(t, s.advance(t.Context()))
	assert.LessOrEqual(t, s.scale.scale, math.MaxFloat32)
	after := copyStatistics(s.network.program)
	weights := append([]float32(nil), s.problem.parameters[0].Value.F32...)

	plain, err := newSession(small(t, "float32", "sgd"))
	require.NoError(t, err)
	plain.meter = newMeter(0, 0)
	assert.Equal(t, before, copyStatistics(plain.network.program))
	require.NoError(t, plain.advance(t.Context()))
	assert.Equal(t, copyStatistics(plain.network.program), after, "statistics moved once")
	assert.InDeltaSlice(t, plain.problem.parameters[0].Value.F32, weights, 1e-6)
}

func TestErrorScaleAdapts(t *testing.T) {
	e, err := ParseErrorScale("dynamic")
	require.NoError(t, err)
	for range growAfter {
		e.stepped(0)
	}
	assert.Equal(t, 2.*firstErrorScale, e.scale)
	e.stepped(1)
	e.stepped(0.01)
	assert.Equal(t, firstErrorScale/2., e.scale)
	for range 40 * growAfter {
		e.stepped(0)
	}
	assert.Equal(t, float64(largestErrorScale), e.scale)
	for e.shrink() {
	}
	assert.Equal(t, 1./largestErrorScale, e.scale)
	fixed, err := ParseErrorScale("8")
	require.NoError(t, err)
	assert.False(t, fixed.shrink())
	fixed.stepped(1)
	assert.Equal(t, "8", fixed.String())
}

// In fixed point errors saturate and stay finite: the dynamic scale sees what overflow clips.
func TestDynamicErrorScaleSeesSaturation(t *testing.T) {
	c := small(t, "fixed8", "lp-sgd")
	c.ErrorScale = "dynamic"
	s, err := newSession(c)
	require.NoError(t, err)
	s.meter = newMeter(0, 0)
	s.scale.scale = 1 << 20
	require.NoError(t, s.advance(t.Context()))
	assert.Equal(t, float64(1<<19), s.scale.scale)
}

func TestHALPRefusesRoundedWeights(t *testing.T) {
	_, err := newSession(small(t, "swalp8", "halp"))
	assert.ErrorContains(t, err, `the policy's key "weight" rounds stem/conv.weight to bfp:w8e8,block=channel,sr,sat`)
	assert.ErrorContains(t, err, "as policy halp8 does")
	_, err = newSession(small(t, "halp8", "halp"))
	assert.NoError(t, err)
}
