package optimizers

import (
	"context"
	"math"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/require"
)

// toy is a small problem with two tensors. Element j of f_b has the gradient
//
//	h_j*(w_j - c_bj) + cubic*w_j³ + noise
//
// where c depends on outer loop and batch, and noise on the pass as stochastic rounding inside a graph would.
type toy[T element] struct {
	parameters []*Parameter
	batches    int
	outer      int
	cubic      T
	noise      bool
	scale      T // of the loss, as error scaling does
	flat       map[string]bool

	passes    []recorded[T]
	failAfter int // evaluations until Gradient returns infinities; 0 never
}

// recorded is one call of Gradient.
type recorded[T element] struct {
	outer, batch int
	pass         Pass
	values       [][]T
	gradient     [][]T
}

func newToy[T element](formats Formats) *toy[T] {
	p := &toy[T]{batches: 5, cubic: 0.01, noise: true, scale: 1, outer: -1, flat: map[string]bool{}}
	for _, s := range []struct {
		name  string
		shape []int
	}{{"layer/w", []int{3, 4}}, {"layer/b", []int{5}}} {
		n := 1
		for _, d := range s.shape {
			n *= d
		}
		value := make([]T, n)
		for j := range value {
			value[j] = T(math.Cos(float64(3*j + len(s.shape))))
		}
		p.parameters = append(p.parameters, &Parameter{
			Name: s.name, Shape: s.shape, ChannelAxis: len(s.shape) - 1, Formats: formats,
			Value: vectorOf(value), Gradient: vectorOf(make([]T, n)),
		})
	}
	return p
}

func (p *toy[T]) Parameters() []*Parameter { return p.parameters }
func (p *toy[T]) Batches() int             { return p.batches }

func (p *toy[T]) NextOuter(outer int) error {
	p.outer = outer
	return nil
}

// gradientAt is the definition of the problem, a pure function.
func (p *toy[T]) gradientAt(outer, batch int, pass Pass, tensor, j int, w T) T {
	if p.flat[p.parameters[tensor].Name] {
		return 0
	}
	h := T(1 + 0.25*float64(j%4))
	c := T(math.Sin(float64(1+7*outer+3*batch+5*j+tensor)) * 0.5)
	g := T(h*T(w-c)) + T(T(p.cubic*T(w*w))*w)
	if p.noise {
		draw := number.Draw{Stream: number.NewStream(9, "noise"), Execution: pass.Execution, Domain: pass.Domain}
		g += T(float64(draw.Bits(uint64(16*tensor+j)))/65536) / 8
	}
	return g
}

func (p *toy[T]) Gradient(batch int, pass Pass) (float64, error) {
	loss := 0.0
	record := recorded[T]{outer: p.outer, batch: batch, pass: pass}
	p.failAfter--
	for i, parameter := range p.parameters {
		w, g := slice[T](parameter.Value), slice[T](parameter.Gradient)
		for j := range g {
			g[j] = p.gradientAt(p.outer, batch, pass, i, j, w[j])
			loss += float64(g[j])
			g[j] *= p.scale
			if p.failAfter == 0 {
				g[j] = T(math.Inf(1))
			}
		}
		record.values = append(record.values, append([]T(nil), w...))
		record.gradient = append(record.gradient, append([]T(nil), g...))
	}
	p.passes = append(p.passes, record)
	return loss, nil
}

// weights returns a copy of all values.
func (p *toy[T]) weights() [][]T {
	var w [][]T
	for _, parameter := range p.parameters {
		w = append(w, append([]T(nil), slice[T](parameter.Value)...))
	}
	return w
}

func mustParse(t *testing.T, name string, options ...string) Config {
	t.Helper()
	c, err := Parse(name, options)
	require.NoError(t, err)
	return c
}

func mustNew(t *testing.T, c Config, p Problem) Optimizer {
	t.Helper()
	o, err := c.New(Run{Problem: p, Seed: 42})
	require.NoError(t, err)
	return o
}

func mustStep(t *testing.T, o Optimizer) StepResult {
	t.Helper()
	result, err := o.Step(context.Background())
	require.NoError(t, err)
	return result
}

// lowPrecision is a format for every role.
func lowPrecision() Formats {
	return Formats{
		Gradient: number.MustParse("fixed:w8f5,sr,sat"),
		Momentum: number.MustParse("fixed:w8f5,sr,sat"),
		Master:   number.MustParse("fixed:w8f6,sr,sat"),
		Offset:   number.MustParse("int:w8,scale=run,sr,sat"),
		Average:  number.MustParse("fixed:w16f14,rne,sat"),
	}
}
