package optimizers

import (
	"context"
	"math"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quadratic returns a toy whose gradient is h*(w - c), the same in every batch.
func quadratic() *toy[float64] {
	p := newToy[float64](Formats{})
	p.noise, p.cubic, p.batches = false, 0, 1
	return p
}

// Without a loss, weight decay alone shrinks w by 1 - lr*decay each step.
func TestDecayClosedForm(t *testing.T) {
	for _, name := range []string{"sgd", "lp-sgd", "svrg", "lp-svrg", "halp", "swalp"} {
		problem := quadratic()
		problem.flat = map[string]bool{"layer/w": true, "layer/b": true}
		o := mustNew(t, mustParse(t, name, "lr=0.1", "decay=0.5"), problem)
		start := problem.weights()
		for range 20 {
			mustStep(t, o)
		}
		for i, w := range problem.weights() {
			for j := range w {
				assert.InDelta(t, start[i][j]*math.Pow(1-0.1*0.5, 20), w[j], 1e-12, name)
			}
		}
	}
}

// With a constant gradient g, w_n = w_0 - lr*g*(n - m*(1-m^n)/(1-m))/(1-m).
func TestMomentumClosedForm(t *testing.T) {
	const rate, m, n = 0.01, 0.9, 25
	for _, name := range []string{"sgd", "lp-sgd", "svrg", "halp"} {
		problem := quadratic()
		problem.noise = true
		problem.flat["layer/w"], problem.flat["layer/b"] = true, true
		o := mustNew(t, mustParse(t, name, "lr=0.01", "momentum=0.9"), constant{problem})
		start := problem.weights()
		for range n {
			mustStep(t, o)
		}
		sum := (n - m*(1-math.Pow(m, n))/(1-m)) / (1 - m)
		for i, w := range problem.weights() {
			for j := range w {
				assert.InDelta(t, start[i][j]-rate*0.25*sum, w[j], 1e-12, name)
			}
		}
	}
}

// constant replaces all gradients by 1/4.
type constant struct{ *toy[float64] }

func (p constant) Gradient(batch int, pass Pass) (float64, error) {
	loss, err := p.toy.Gradient(batch, pass)
	for _, parameter := range p.parameters {
		for j := range parameter.Gradient.F64 {
			parameter.Gradient.F64[j] = 0.25
		}
	}
	return loss, err
}

// The order of a step in low precision, one element at a time with the scalar rounding.
func TestLPSGDOrder(t *testing.T) {
	for _, when := range []MomentumRounding{BeforeUpdate, AfterUpdate} {
		t.Run(string(when), func(t *testing.T) { checkLPSGDOrder(t, when) })
	}
}

func checkLPSGDOrder(t *testing.T, when MomentumRounding) {
	formats := lowPrecision()
	problem := newToy[float32](formats)
	problem.scale = 16
	c := mustParse(t, "lp-sgd", "lr=0.3", "momentum=0.9", "decay=0.01", "round-momentum="+string(when))
	o, err := c.New(Run{Problem: problem, Seed: 42, ErrorScale: 16})
	require.NoError(t, err)
	round := func(f number.Format, name string, step, j int, x float32) float32 {
		draw := number.Draw{Stream: number.NewStream(42, name), Execution: uint32(step), Domain: number.Training}
		code, _ := f.Round(float64(x), f.Step(), 0, uint32(draw.Bits(uint64(j))))
		return float32(float64(code) * f.Step())
	}
	velocity := [][]float32{make([]float32, 12), make([]float32, 5)}
	for step := range 12 {
		want := problem.weights()
		pass := Pass{Domain: number.Training, Execution: uint32(step), UpdateStatistics: true}
		for i, w := range want {
			name := problem.parameters[i].Name
			for j := range w {
				g := 16 * problem.gradientAt(step/5, step%5, pass, i, j, w[j])
				g = round(formats.Gradient, name+".gradient", step, j, g)
				g /= 16
				g += float32(float32(0.01) * w[j])
				v := float32(float32(0.9)*velocity[i][j]) + g
				velocity[i][j] = round(formats.Momentum, name+".momentum", step, j, v)
				if when == BeforeUpdate {
					v = velocity[i][j]
				}
				w[j] = round(formats.Master, name+".master", step, j, w[j]-float32(float32(0.3)*v))
			}
		}
		require.NoError(t, o.Restore(o.State())) // changes nothing
		result := mustStep(t, o)
		require.Equal(t, want, problem.weights(), "step %d", step)
		assert.Equal(t, pass, problem.passes[step].pass)
		assert.Equal(t, []int{step / 5, step % 5, step % 5}, []int{result.Outer, result.Inner, result.Batch})
		for _, role := range []Role{RoleGradient, RoleMomentum, RoleMaster} {
			assert.EqualValues(t, 17, result.Rounded[role].Count, "%s is counted", role)
		}
	}
}

func TestErrorScaleIsUndone(t *testing.T) {
	for _, name := range Names() {
		plain, scaled := newToy[float32](Formats{}), newToy[float32](Formats{})
		scaled.scale = 1024
		a := mustNew(t, mustParse(t, name), plain)
		b, err := mustParse(t, name).New(Run{Problem: scaled, Seed: 42, ErrorScale: 1024})
		require.NoError(t, err)
		for step := range 12 {
			if step == 6 {
				scaled.scale = 64
				b.SetErrorScale(64)
			}
			mustStep(t, a)
			mustStep(t, b)
			require.Equal(t, plain.weights(), scaled.weights(), name)
		}
	}
}

func TestClipBoundsTheGradient(t *testing.T) {
	free, bound := newToy[float64](Formats{}), newToy[float64](Formats{})
	long := mustStep(t, mustNew(t, mustParse(t, "sgd"), free)).GradientNorm
	result := mustStep(t, mustNew(t, mustParse(t, "sgd", "clip=0.5"), bound))
	require.Greater(t, long, 0.5)
	assert.InDelta(t, 0.5, result.GradientNorm, 1e-12)
	start := newToy[float64](Formats{}).weights()
	for i := range start {
		for j, w := range start[i] {
			assert.InDelta(t, (w-free.weights()[i][j])*0.5/long, w-bound.weights()[i][j], 1e-12)
		}
	}
	same := newToy[float64](Formats{})
	mustStep(t, mustNew(t, mustParse(t, "sgd", "clip=1000"), same))
	assert.Equal(t, free.weights(), same.weights(), "a short gradient is left alone")
}

func TestLearningRateChanges(t *testing.T) {
	for _, name := range Names() {
		problem := newToy[float64](Formats{})
		o := mustNew(t, mustParse(t, name), problem)
		mustStep(t, o)
		before := problem.weights()
		o.SetLearningRate(0)
		mustStep(t, o)
		assert.Equal(t, before, problem.weights(), name)
	}
}

func TestNotFiniteChangesNothing(t *testing.T) {
	for _, name := range Names() {
		for fail := 1; fail <= 9; fail++ {
			problem := newToy[float32](lowPrecision())
			o := mustNew(t, mustParse(t, name, "momentum=0.9"), problem)
			problem.failAfter = fail
			for {
				weights, state := problem.weights(), o.State()
				if _, err := o.Step(context.Background()); err != nil {
					assert.ErrorIs(t, err, ErrNotFinite)
					assert.ErrorContains(t, err, "layer/w")
					assert.Equal(t, weights, problem.weights(), name)
					after := o.State()
					assert.Equal(t, state.Counters[:3], after.Counters[:3], name)
					// A full-gradient pass that was completed is not lost.
					assert.Equal(t, state.Tensors, after.Tensors[:len(state.Tensors)], name)
					break
				}
			}
			// The same step succeeds when the gradients are finite again.
			clean := newToy[float32](lowPrecision())
			sure := mustNew(t, mustParse(t, name, "momentum=0.9"), clean)
			for range 8 {
				mustStep(t, sure)
			}
			for o.State().Counters[0].Value < 8 {
				mustStep(t, o)
			}
			assert.Equal(t, clean.weights(), problem.weights(), name)
		}
	}
}

func TestLossNotFinite(t *testing.T) {
	problem := newToy[float64](Formats{})
	problem.parameters[0].Value.F64[0] = math.NaN()
	_, err := mustNew(t, mustParse(t, "sgd"), problem).Step(context.Background())
	assert.ErrorIs(t, err, ErrNotFinite)
}
