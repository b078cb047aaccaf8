package optimizers

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// base is what all optimizers share: the parameters, the position in the run, and the evaluation of gradients.
type base[T element] struct {
	name       string
	problem    Problem
	parameters []*Parameter
	settings   Descent
	seed       uint64
	threads    int
	faults     []error    // of parameters
	mutex      sync.Mutex // of what roundings count and report
	progress   func(done, total int)
	errorScale float64
	rounders   map[Role][]*rounder[T]

	steps, outer, inner int
	open                bool // NextOuter(outer) has been called
	batches             int  // of the open outer loop

	gradient [][]T
	rounded  map[Role]number.Stats
	observe  func(role Role, elements int, took time.Duration) // of roundings; nil for none
}

// newBase checks run and settings. Only tensors of the given roles are rounded.
func newBase[T element](name string, run Run, settings Descent, roles []Role) (*base[T], error) {
	if err := settings.check(); err != nil {
		return nil, errors.Wrap(err, name)
	}
	b := &base[T]{
		name: name, problem: run.Problem, parameters: run.Problem.Parameters(), settings: settings,
		seed: run.Seed, threads: max(run.Threads, 1), progress: run.Progress, errorScale: run.ErrorScale,
		rounders: map[Role][]*rounder[T]{},
	}
	if b.errorScale == 0 {
		b.errorScale = 1
	}
	if err := positive.check("error scale", b.errorScale); err != nil {
		return nil, errors.Wrap(err, name)
	}
	if err := checkParameters[T](b.parameters); err != nil {
		return nil, errors.Wrap(err, name)
	}
	for _, role := range roles {
		for _, p := range b.parameters {
			r, err := newRounder[T](p, role, run.Seed)
			if err != nil {
				return nil, errors.Wrap(err, name)
			}
			b.rounders[role] = append(b.rounders[role], r)
		}
	}
	b.gradient = makeLike(b.values())
	b.faults = make([]error, len(b.parameters))
	return b, nil
}

func checkParameters[T element](parameters []*Parameter) error {
	if len(parameters) == 0 {
		return errors.New("the problem has no parameters")
	}
	names := map[string]bool{}
	for _, p := range parameters {
		if names[p.Name] {
			return errors.Errorf("two parameters are called %q", p.Name)
		}
		names[p.Name] = true
		elements := 1
		for _, n := range p.Shape {
			elements *= n
		}
		if got := len(slice[T](p.Value)); got != elements || p.Value.Len() != elements {
			return errors.Errorf("parameter %q of shape %v has %d values in the type of the first parameter, want %d", p.Name, p.Shape, got, elements)
		}
		if got := len(slice[T](p.Gradient)); got != elements || p.Gradient.Len() != elements {
			return errors.Errorf("parameter %q of shape %v has %d gradient elements in the type of its values, want %d", p.Name, p.Shape, got, elements)
		}
	}
	return nil
}

// single reports whether the run's parameters are float32.
func (r Run) single() (bool, error) {
	if r.Problem == nil {
		return false, errors.New("optimizers: the run has no problem")
	}
	parameters := r.Problem.Parameters()
	return len(parameters) > 0 && parameters[0].Value.F32 != nil, nil
}

// values returns the parameters' current values, shared.
func (b *base[T]) values() [][]T {
	values := make([][]T, len(b.parameters))
	for i, p := range b.parameters {
		values[i] = slice[T](p.Value)
	}
	return values
}

func (b *base[T]) Name() string                     { return b.name }
func (b *base[T]) SetLearningRate(rate float64)     { b.settings.LearningRate = rate }
func (b *base[T]) SetErrorScale(errorScale float64) { b.errorScale = errorScale }

// ObserveRoundings implements Observed.
func (b *base[T]) ObserveRoundings(observe func(role Role, elements int, took time.Duration)) {
	b.observe = observe
}

// enter begins a step: it opens the outer loop where that has not happened in this process.
func (b *base[T]) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if uint64(b.steps) >= math.MaxUint32 {
		return errors.Errorf("%s: after 2^32-1 steps the random bits would repeat", b.name)
	}
	b.rounded = map[Role]number.Stats{}
	if b.open {
		return nil
	}
	if err := b.problem.NextOuter(b.outer); err != nil {
		return errors.Wrapf(err, "outer loop %d", b.outer)
	}
	b.batches = b.problem.Batches()
	if b.batches < 1 {
		return errors.Errorf("%s: outer loop %d has no whole batch: use a smaller batch or more data", b.name, b.outer)
	}
	b.open = true
	return nil
}

// prepare tells the problem which batch is wanted behind the next one.
func (b *base[T]) prepare(outer, batch int) {
	if p, ok := b.problem.(Preparer); ok {
		p.Prepare(outer, batch)
	}
}

// leave ends a step and, after length of them, the outer loop.
func (b *base[T]) leave(length int) {
	b.steps++
	b.inner++
	if b.inner >= length {
		b.outer++
		b.inner = 0
		b.open = false
	}
}

// evaluate writes the gradient of
//
//	f_batch(w) + decay/2 * |w|²
//
// at the current values, and returns f_batch. Per element, in T's arithmetic and in this order:
//
//	g = Q_gradient(gradient of S*f)      where the optimizer rounds gradients
//	g = g / S
//	g = g * (clip / |g|)                 if clip > 0 and the norm |g| over all parameters exceeds it
//	g = g + decay * w
func (b *base[T]) evaluate(into [][]T, batch int, pass Pass) (loss float64, err error) {
	loss, err = b.problem.Gradient(batch, pass)
	if err != nil {
		return 0, errors.Wrapf(err, "gradient of batch %d", batch)
	}
	// A rounding would turn what is not finite into a number, so it is looked for first.
	if !finite(loss) {
		return 0, b.notFinite(fmt.Sprintf("loss %v", loss), batch, pass)
	}
	rounders := b.rounders[RoleGradient]
	scale := T(b.errorScale)
	err = b.each(func(i int) error {
		g := into[i]
		copy(g, slice[T](b.parameters[i].Gradient))
		if !finite(norm(g)) {
			return errGradient
		}
		if rounders != nil {
			if err := b.round(rounders[i], g, pass.Execution, pass.Domain); err != nil {
				return err
			}
		}
		if scale != 1 {
			for j := range g {
				g[j] /= scale
			}
		}
		return nil
	})
	if errors.Is(err, errGradient) {
		for _, p := range b.parameters {
			if !finite(norm(slice[T](p.Gradient))) {
				return 0, b.notFinite("gradient of parameter "+p.Name, batch, pass)
			}
		}
	}
	if err != nil {
		return 0, err
	}
	b.clip(into)
	if decay := T(b.settings.Decay); decay != 0 {
		err = b.each(func(i int) error {
			g, w := into[i], slice[T](b.parameters[i].Value)
			for j := range g {
				g[j] += T(decay * w[j])
			}
			return nil
		})
	}
	return loss, err
}

// errGradient says that a parameter's gradient is not finite.
var errGradient = errors.New("the gradient is not finite")

// each calls body for every parameter, on the run's threads, and returns the first parameter's error. Parameters do not
// depend on each other, so neither do results on the threads.
func (b *base[T]) each(body func(i int) error) error {
	clear(b.faults)
	parallel.For(len(b.faults), 1, b.threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b.faults[i] = body(i)
		}
	})
	for _, err := range b.faults {
		if err != nil {
			return err
		}
	}
	return nil
}

// notFinite is the error of an evaluation whose loss or gradient is not finite.
func (b *base[T]) notFinite(what string, batch int, pass Pass) error {
	if tracer, ok := b.problem.(Tracer); ok {
		if cause := tracer.Trace(batch, pass); cause != "" {
			what = cause + "; " + what
		}
	}
	return errors.Wrapf(ErrNotFinite, "%s of batch %d of outer loop %d", what, batch, b.outer)
}

// clip shortens a gradient that is longer than the option clip.
func (b *base[T]) clip(gradient [][]T) {
	limit := b.settings.Clip
	if limit == 0 {
		return
	}
	length := norm(gradient...)
	if length <= limit {
		return
	}
	factor := T(limit / length)
	for _, g := range gradient {
		for j := range g {
			g[j] *= factor
		}
	}
}

// state writes the counters that all optimizers share.
func (b *base[T]) state() State {
	s := State{Optimizer: b.name}
	s.count("step", b.steps)
	s.count("outer", b.outer)
	s.count("inner", b.inner)
	return s
}

// position is where a state stands.
type position struct{ steps, outer, inner int }

func (b *base[T]) position(s State) (p position, err error) {
	if s.Optimizer != b.name {
		return p, errors.Errorf("the state is of optimizer %q, the run uses %q", s.Optimizer, b.name)
	}
	if p.steps, err = s.counter("step"); err != nil {
		return p, err
	}
	if p.outer, err = s.counter("outer"); err != nil {
		return p, err
	}
	p.inner, err = s.counter("inner")
	return p, err
}

func (b *base[T]) moveTo(p position) {
	b.steps, b.outer, b.inner, b.open = p.steps, p.outer, p.inner, false
}

// result describes the step that ends now; it is called before leave.
func (b *base[T]) result(batch int, loss float64) StepResult {
	return StepResult{
		Step: b.steps + 1, Outer: b.outer, Inner: b.inner, Batch: batch, Loss: loss,
		GradientNorm: norm(b.gradient...), Rounded: b.rounded,
	}
}
